// From alphas to a genotype, and genotypes at random.
//
// Rule (DARTS section 2.4; paper section 3.2): each node keeps its two strongest incoming edges, an
// edge's strength being its largest softmax(alpha) among candidates other than `none`; the softmax
// runs over all of them. Equally strong: the lower state, the earlier candidate.
#ifndef SSNAS_SEARCH_DERIVE_H_
#define SSNAS_SEARCH_DERIVE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ssnas/proto/architecture.pb.h"
#include "ssnas/proto/experiment.pb.h"

namespace ssnas {

// Edges of a cell: Σ_{i<nodes} (i + 2). Row r of the alphas is the r-th edge, by node, then by
// state.
int EdgeCount(int nodes);

// `alphas`: normal then reduction, each EdgeCount(nodes) × candidates, logits. Edges come by node
// and, within a node, the strongest first, as in quark0/darts. A candidate's config stays with its
// operation. InvalidArgument for another number of alphas, one that is not finite, or no candidate
// but `none`.
absl::StatusOr<Architecture> DeriveArchitecture(const SearchSpace& space,
                                                absl::Span<const float> alphas);

// Uniform over sets of distinct predecessors (all states where there are no more than
// edges_per_node) and over candidates other than `none`; the `index`-th cell of `seed`. Edges come
// by node, then by state.
absl::StatusOr<Architecture> RandomArchitecture(const SearchSpace& space, uint64_t seed,
                                                uint64_t index);

// 1e-3 · N(0, 1) for both matrices, float.
std::vector<float> InitialAlphas(const SearchSpace& space, uint64_t seed);

}  // namespace ssnas

#endif  // SSNAS_SEARCH_DERIVE_H_
