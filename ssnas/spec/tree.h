// A spec as it was written: names and values with their places, before any of it has a type.
//
//   search { seeds: [1, 2] }   →   Field search, a message of two fields seeds, both from one list
//   config { [type.googleapis.com/ssnas.X] { k: 3 } }   →   Field config with one bracketed field
//
// Names and numbers stay text until a field's type is known (builder.h).
#ifndef SSNAS_SPEC_TREE_H_
#define SSNAS_SPEC_TREE_H_

#include <string>
#include <vector>

#include "ssnas/spec/source.h"

namespace ssnas {

struct Field;

struct Value {
  enum class Kind {
    kWord,       // identifier, or any text of --set for a string: `text` as written
    kNumber,     // `text` as written, with its sign
    kString,     // `text` decoded
    kMessage,    // `fields`
    kEmptyList,  // []
  };
  Kind kind = Kind::kWord;
  Place place;
  std::string text;
  std::vector<Field> fields;
};

struct Field {
  std::string name;
  bool bracketed = false;  // [name] { … }, in an Any
  bool in_list = false;    // name: [ … ]
  Place place;
  Value value;
};

// The first field of that name (not bracketed), or null.
inline const Field* FindField(const std::vector<Field>& fields, absl::string_view name) {
  for (const Field& field : fields) {
    if (!field.bracketed && field.name == name) return &field;
  }
  return nullptr;
}

}  // namespace ssnas

#endif  // SSNAS_SPEC_TREE_H_
