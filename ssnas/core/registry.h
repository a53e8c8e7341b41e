// Static registries: names in a spec become operations, objectives, data sets and augmentations.
//
// An interface names its kind; a plugin registers a factory with its typed config in
// <name>_register.cc:
//
//   SSNAS_REGISTER(Operation, SepConvConfig, SepConv::Create, "sep_conv_3x3", "kernel: 3",
//                  "Separable convolution 3×3, twice");
//
// A preset (textproto of the config, may be empty) lets one factory serve several names; a spec's
// own config is merged over it. Registration touches only literals, so the order of static
// initialisation does not matter; two plugins of one name abort at start, naming both places.
#ifndef SSNAS_CORE_REGISTRY_H_
#define SSNAS_CORE_REGISTRY_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "ssnas/proto/plugin.pb.h"

namespace ssnas {

// What a plugin says of itself.
struct PluginFacts {
  const char* name;
  const char* preset;
  const char* summary;
  const char* file;
  int line;
  const google::protobuf::Message* (*config_prototype)();  // the config's default instance
  void (*factory)();  // type-erased StatusOr<unique_ptr<Interface>> (*)(const Message&)
  // Makes the plugin and drops it: whether the factory takes this config, a message of the right
  // type.
  absl::Status (*check)(const google::protobuf::Message& config);
};

// All plugins of one kind. Thread-safe after static initialisation.
class PluginTable {
 public:
  explicit PluginTable(const char* kind);
  PluginTable(const PluginTable&) = delete;

  // Aborts when the name is taken, naming both places.
  void Register(const PluginFacts& facts);

  const char* kind() const { return kind_; }
  // Sorted.
  std::vector<std::string> Names() const;
  // NotFound lists the nearest and all valid names.
  absl::StatusOr<const PluginFacts*> Find(absl::string_view name) const;
  // The plugin's config: preset overlaid with what the spec gives. InvalidArgument for a config of
  // another type (names both types) or bytes that do not parse.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> ResolveConfig(
      const PluginSpec& spec) const;

  // The table of `kind`, or null; and every table, by kind.
  static const PluginTable* OfKind(absl::string_view kind);
  static std::vector<const PluginTable*> All();

 private:
  const char* kind_;
  std::map<std::string, PluginFacts, std::less<>> plugins_;
};

// One per interface; Interface::kKind is its kind. The table is made on first use and never
// destroyed.
template <typename Interface>
PluginTable& TableOf();

// Name → plugin. Errors as of PluginTable, and the factory's own.
template <typename Interface>
absl::StatusOr<std::unique_ptr<Interface>> CreatePlugin(const PluginSpec& spec) {
  using Factory = absl::StatusOr<std::unique_ptr<Interface>> (*)(const google::protobuf::Message&);
  absl::StatusOr<const PluginFacts*> facts = TableOf<Interface>().Find(spec.name());
  if (!facts.ok()) return facts.status();
  auto config = TableOf<Interface>().ResolveConfig(spec);
  if (!config.ok()) return config.status();
  return reinterpret_cast<Factory>((*facts)->factory)(**config);
}

// The valid name that is fewest edits away from `name` (a swap of neighbours is one), or "" when
// none is near. Used for every "did you mean".
std::string NearestName(absl::string_view name, const std::vector<std::string>& valid);

namespace registry_internal {

struct Registrar {
  Registrar(PluginTable& table, const PluginFacts& facts) { table.Register(facts); }
};

template <typename Interface, typename Config,
          absl::StatusOr<std::unique_ptr<Interface>> (*create)(const Config&)>
absl::StatusOr<std::unique_ptr<Interface>> CallFactory(const google::protobuf::Message& config) {
  return create(static_cast<const Config&>(config));
}

template <typename Interface, typename Config,
          absl::StatusOr<std::unique_ptr<Interface>> (*create)(const Config&)>
absl::Status CheckConfig(const google::protobuf::Message& config) {
  return create(static_cast<const Config&>(config)).status();
}

template <typename Config>
const google::protobuf::Message* Prototype() {
  return &Config::default_instance();
}

}  // namespace registry_internal
}  // namespace ssnas

// In the interface's header (after the class) and in its .cc.
#define SSNAS_DECLARE_PLUGIN_KIND(Interface) \
  template <>                                \
  PluginTable& TableOf<Interface>()
#define SSNAS_DEFINE_PLUGIN_KIND(Interface)                              \
  template <>                                                            \
  PluginTable& TableOf<Interface>() {                                    \
    static PluginTable* const table = new PluginTable(Interface::kKind); \
    return *table;                                                       \
  }

// In <name>_register.cc, inside namespace ssnas. `create` is a function of Config →
// StatusOr<unique_ptr<Interface>>.
#define SSNAS_REGISTER(Interface, Config, create, name, preset, summary) \
  SSNAS_REGISTER_AT(__COUNTER__, Interface, Config, create, name, preset, summary)
#define SSNAS_REGISTER_AT(id, Interface, Config, create, name, preset, summary) \
  SSNAS_REGISTER_NAMED(id, Interface, Config, create, name, preset, summary)
#define SSNAS_REGISTER_NAMED(id, Interface, Config, create, name, preset, summary)                \
  static const ::ssnas::registry_internal::Registrar ssnas_registrar_##id(                        \
      ::ssnas::TableOf<Interface>(),                                                              \
      {name, preset, summary, __FILE__, __LINE__, &::ssnas::registry_internal::Prototype<Config>, \
       reinterpret_cast<void (*)()>(                                                              \
           &::ssnas::registry_internal::CallFactory<Interface, Config, create>),                  \
       &::ssnas::registry_internal::CheckConfig<Interface, Config, create>})

#endif  // SSNAS_CORE_REGISTRY_H_
