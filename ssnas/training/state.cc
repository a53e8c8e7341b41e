#include "ssnas/training/state.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/safetensors.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/training/bad_step.h"

namespace ssnas {
namespace {

absl::StatusOr<const NamedTensor*> FindShard(const Checkpoint& checkpoint,
                                             const std::string& name) {
  const auto it = checkpoint.shards.find(name);
  if (it == checkpoint.shards.end()) {
    return absl::NotFoundError(
        absl::StrCat("checkpoint ", checkpoint.step, " has no shard ", name));
  }
  return it->second.Find(name);
}

template <typename T>
bool AllFinite(const std::string& bytes) {
  T value = 0;
  for (size_t i = 0; i + sizeof(T) <= bytes.size(); i += sizeof(T)) {
    std::memcpy(&value, bytes.data() + i, sizeof(T));
    if (!std::isfinite(value)) return false;
  }
  return true;
}

}  // namespace

void PutFloats(const std::string& name, const std::vector<float>& values, Checkpoint* checkpoint) {
  checkpoint->shards[name].tensors.push_back(
      NamedTensor::FromFloats(name, {static_cast<int64_t>(values.size())}, values.data()));
}

absl::Status TakeFloats(const Checkpoint& checkpoint, const std::string& name,
                        std::vector<float>* values) {
  SSNAS_ASSIGN_OR_RETURN(const NamedTensor* tensor, FindShard(checkpoint, name));
  SSNAS_ASSIGN_OR_RETURN(*values, tensor->Floats(static_cast<int64_t>(values->size())));
  return absl::OkStatus();
}

void PutDoubles(const std::string& name, const std::vector<double>& values,
                Checkpoint* checkpoint) {
  NamedTensor tensor;
  tensor.name = name;
  tensor.dtype = "F64";
  tensor.shape = {static_cast<int64_t>(values.size())};
  tensor.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
  checkpoint->shards[name].tensors.push_back(std::move(tensor));
}

absl::Status TakeDoubles(const Checkpoint& checkpoint, const std::string& name,
                         std::vector<double>* values) {
  SSNAS_ASSIGN_OR_RETURN(const NamedTensor* tensor, FindShard(checkpoint, name));
  if (tensor->dtype != "F64" || tensor->bytes.size() != values->size() * sizeof(double)) {
    return absl::InvalidArgumentError(
        absl::StrCat("checkpoint tensor ", name, " is not ", values->size(), " doubles"));
  }
  std::memcpy(values->data(), tensor->bytes.data(), tensor->bytes.size());
  return absl::OkStatus();
}

absl::Status CheckFinite(const Checkpoint& checkpoint) {
  for (const auto& [shard, file] : checkpoint.shards) {
    for (const NamedTensor& tensor : file.tensors) {
      const bool finite = tensor.dtype == "F32"   ? AllFinite<float>(tensor.bytes)
                          : tensor.dtype == "F64" ? AllFinite<double>(tensor.bytes)
                                                  : true;
      if (!finite) return BadStep(absl::StrCat(tensor.name, " is not finite"));
    }
  }
  return absl::OkStatus();
}

}  // namespace ssnas
