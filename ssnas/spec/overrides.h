// --set: one change to a spec's tree.
//
//   search.epochs=10                               a field; strings need no quotes
//   search.seeds=[1, 2]    search.seeds[1]=7       a list, one element (the one past the last is
//   added) objective.config.temperature=0.1               in a plugin's config, also where the spec
//   gives none augmentation[color_jitter].config.hue=0        a plugin of a list by its name
//   pretrain={ epochs: 5 }                         a whole message instead of what is there
//   -search                                        takes a field or an element out
#ifndef SSNAS_SPEC_OVERRIDES_H_
#define SSNAS_SPEC_OVERRIDES_H_

#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "ssnas/spec/tree.h"

namespace ssnas {

// Applies the text of `set`, which must outlive the tree, to the fields of a message of type
// `root`.
absl::Status ApplySet(const Source& set, const google::protobuf::Descriptor& root,
                      std::vector<Field>* fields);

}  // namespace ssnas

#endif  // SSNAS_SPEC_OVERRIDES_H_
