#include "ssnas/core/parameters.h"

#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/philox.h"

namespace ssnas {

int64_t ParameterSpec::count() const {
  int64_t product = 1;
  for (const int64_t size : shape) product *= size;
  return product;
}

int64_t ParameterLayout::Add(ParameterSpec spec) {
  CHECK(index_.emplace(spec.name, static_cast<int>(specs_.size())).second)
      << "two parameters named " << spec.name;
  const int64_t offset = size_;
  offsets_.push_back(offset);
  size_ += spec.count();
  specs_.push_back(std::move(spec));
  return offset;
}

absl::StatusOr<int64_t> ParameterLayout::Find(absl::string_view name) const {
  const auto it = index_.find(name);
  if (it == index_.end()) {
    return absl::NotFoundError(
        absl::StrCat("no parameter named '", name, "' among ", specs_.size(), " tensors"));
  }
  return offsets_[it->second];
}

template <typename T>
std::vector<T> InitialValues(const ParameterLayout& layout, uint64_t seed) {
  std::vector<T> values(layout.size());
  for (size_t i = 0; i < layout.specs().size(); ++i) {
    const ParameterSpec& spec = layout.specs()[i];
    T* out = values.data() + layout.offset(static_cast<int>(i));
    const double bound = 1.0 / std::sqrt(static_cast<double>(spec.fan_in));
    Philox random(
        {.seed = seed, .purpose = Purpose::kInitialWeights, .sample = HashName(spec.name)});
    for (int64_t j = 0; j < spec.count(); ++j) {
      switch (spec.init) {
        case Init::kZeros:
          out[j] = 0;
          break;
        case Init::kOnes:
          out[j] = 1;
          break;
        case Init::kUniformFanIn:
          out[j] = static_cast<T>(random.Uniform(-bound, bound));
          break;
      }
    }
  }
  return values;
}

template std::vector<float> InitialValues<float>(const ParameterLayout&, uint64_t);
template std::vector<double> InitialValues<double>(const ParameterLayout&, uint64_t);

}  // namespace ssnas
