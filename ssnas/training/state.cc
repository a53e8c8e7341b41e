#include "ssnas/training/state.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"

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

}  // namespace ssnas
