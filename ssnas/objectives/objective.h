// A training objective: what plugins of kind "objective" are.
//
// An objective says how many views of each image it wants and whether it reads labels, owns the
// head that stands on the representation h (projection head, classifier), and returns its loss with
// the gradients of h and of the head's weights. Rows are view-major: rows [v·N, (v+1)·N) are view v
// of the N images. Source: paper section 3.4 (the contrastive loss drives the search);
// docs/add_an_objective.md.
#ifndef SSNAS_OBJECTIVES_OBJECTIVE_H_
#define SSNAS_OBJECTIVES_OBJECTIVE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ssnas/core/parallel_for.h"
#include "ssnas/core/parameters.h"
#include "ssnas/core/registry.h"

namespace ssnas {

// What the network offers and the data set knows.
struct ObjectiveContext {
  int64_t representation_size = 0;
  int64_t auxiliary_size = 0;  // 0: the network has no auxiliary head
  int num_classes = 0;         // 0: no labels
};

template <typename T>
struct ObjectiveArgs {
  int64_t rows = 0;                   // views × images
  const T* representation = nullptr;  // rows × representation_size
  const T* auxiliary = nullptr;       // rows × auxiliary_size, or null
  absl::Span<const int32_t> labels;   // one an image; empty unless UsesLabels()
  const T* weights = nullptr;         // the head's flat buffer (layout of Parameters())
  double auxiliary_weight = 0;        // of the auxiliary head's loss
  // Where gradients go (+=); null: not wanted.
  T* weight_gradients = nullptr;
  T* representation_gradients = nullptr;
  T* auxiliary_gradients = nullptr;
  ParallelFor parallel_for = SerialFor;  // never changes a bit of the result
};

struct LossValue {
  double loss = 0;      // what is minimised, mean over rows
  double accuracy = 0;  // labels: share right; contrastive: share whose pair is the nearest
  // Contrastive: of what is compared, brought to length 1, the mean squared distance from the mean.
  // 0: all point one way, the representation has collapsed. Empty: not known.
  std::optional<double> spread = std::nullopt;
};

class Objective {
 public:
  static constexpr char kKind[] = "objective";
  virtual ~Objective() = default;

  virtual int Views() const = 0;
  virtual bool UsesLabels() const = 0;
  // The head's tensors, in a layout of their own; InvalidArgument when the context cannot be served
  // (labels wanted and none there).
  virtual absl::StatusOr<std::vector<ParameterSpec>> Parameters(
      const ObjectiveContext& context) const = 0;
  // Loss and the gradients asked for. InvalidArgument for shapes or labels that do not fit.
  virtual absl::StatusOr<LossValue> Evaluate(const ObjectiveContext& context,
                                             const ObjectiveArgs<float>& args) const = 0;
  virtual absl::StatusOr<LossValue> Evaluate(const ObjectiveContext& context,
                                             const ObjectiveArgs<double>& args) const = 0;
};

SSNAS_DECLARE_PLUGIN_KIND(Objective);

}  // namespace ssnas

#endif  // SSNAS_OBJECTIVES_OBJECTIVE_H_
