// What a run leaves to be used elsewhere: the found network's weights, as a PyTorch module, and how
// images are prepared for it.
//
//   DIR/model.safetensors    weights, norms' running statistics and the objective's head, by name
//   DIR/model.py             the same network in PyTorch (torch_module.h); with operations that are
//                            modules there is none, and the terminal says so
//   DIR/preprocess.json      from an image file to its input
//   DIR/example.safetensors  eight inputs and their features, which `python3 model.py` checks
//
// The cell itself, architecture.textproto, the derive stage writes. Each file is replaced
// atomically; all of them follow from the finished stages, so that a run that is taken up writes
// the same bytes again.
#ifndef SSNAS_EXPORT_EXPORT_NETWORK_H_
#define SSNAS_EXPORT_EXPORT_NETWORK_H_

#include "absl/status/status.h"
#include "ssnas/training/derive_stage.h"
#include "ssnas/training/run_context.h"

namespace ssnas {

// The found network as evaluated, else as pretrained; nothing where no stage trained one.
absl::Status ExportFoundNetwork(const RunContext& context, const StageResults& results);

}  // namespace ssnas

#endif  // SSNAS_EXPORT_EXPORT_NETWORK_H_
