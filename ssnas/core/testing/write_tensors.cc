// write_tensors FILE: a safetensors file whose values safetensors_python_test.py knows.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "ssnas/core/safetensors.h"

namespace ssnas {
namespace {

template <typename T>
std::string Bytes(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

int Main(const char* path) {
  std::vector<float> weights;
  for (int i = 0; i < 2 * 3 * 5; ++i) weights.push_back(static_cast<float>(i) / 3 - 4);
  TensorFile file;
  file.tensors = {
      NamedTensor::FromFloats("stem.conv.weight", {2, 3, 5}, weights.data()),
      NamedTensor::FromInts("steps", {-1, int64_t{1} << 62}),
      {.name = "sums", .dtype = "F64", .shape = {2}, .bytes = Bytes<double>({0.1, -0.0})},
      {.name = "counts", .dtype = "I32", .shape = {1, 3}, .bytes = Bytes<int>({7, 0, -7})},
      {.name = "odd name ×", .dtype = "U8", .shape = {}, .bytes = "\xff"},
      {.name = "empty", .dtype = "F32", .shape = {0, 4}, .bytes = ""}};
  file.metadata["note"] = "quotes \" and ×";
  const absl::Status status = WriteSafetensors(path, file);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace ssnas

int main(int argc, char** argv) { return argc == 2 ? ssnas::Main(argv[1]) : 2; }
