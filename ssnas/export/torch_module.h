// A derived network as a PyTorch module: Python that needs nothing but torch.
//
// The file has a class for each distinct operation and cell, `Network` with features(x) (images
// N×3×H×W → representation N×C before the objective's head), and load(path), which reads a
// safetensors file by itself and loads it strictly: Network's state_dict has the names and shapes
// of `weights` and `running_statistics`, no more. Run as a program it compares itself with
// example.safetensors beside it. Drop-path belongs to training and is left out; so are auxiliary
// heads from features(), though they are loaded.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(const std::string python,
//                          TorchModule(model.network().plan(), head_specs));
#ifndef SSNAS_EXPORT_TORCH_MODULE_H_
#define SSNAS_EXPORT_TORCH_MODULE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/core/parameters.h"
#include "ssnas/networks/network_plan.h"

namespace ssnas {

// `head`: tensors of the objective's head. InvalidArgument for names that Python cannot have and
// for supernets, Unimplemented for operations with modules, whose code is not known here.
absl::StatusOr<std::string> TorchModule(const NetworkPlan& plan,
                                        const std::vector<ParameterSpec>& head);

}  // namespace ssnas

#endif  // SSNAS_EXPORT_TORCH_MODULE_H_
