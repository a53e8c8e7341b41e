#include "ssnas/export/torch_module.h"

#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/export/torch_text.h"

namespace ssnas {
namespace {

absl::Status CheckName(absl::string_view name) {
  bool good = !name.empty() && absl::ascii_isalpha(name[0]);
  for (const char c : name) good = good && (absl::ascii_isalnum(c) || c == '_');
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "'", name,
      "' cannot be a name in Python: operations, and what recipes call their layers, need letters, "
      "digits and _ for model.py"));
}

// "sep_conv_3x3" → "SepConv3x3".
std::string ClassName(absl::string_view name) {
  std::string result;
  for (const absl::string_view word : absl::StrSplit(name, '_', absl::SkipEmpty())) {
    result += absl::ascii_toupper(word[0]);
    absl::StrAppend(&result, word.substr(1));
  }
  return result;
}

std::string Value(int index) { return absl::StrCat("x", index); }

// The layer that holds a primitive's tensors; empty for one that has none.
std::string Layer(const Primitive& p) {
  switch (p.kind) {
    case PrimitiveKind::kDepthwise:
    case PrimitiveKind::kPointwise:
    case PrimitiveKind::kConv:
      return absl::StrFormat(
          "nn.Conv2d(%d, %d, %d, stride=%d, padding=%d, dilation=%d, groups=%d, bias=False)",
          p.in_channels, p.out_channels, p.kernel, p.stride, p.padding, p.dilation,
          p.kind == PrimitiveKind::kDepthwise ? p.in_channels : 1);
    case PrimitiveKind::kBatchNorm:
      return absl::StrFormat("Norm(%d, affine=%s)", p.out_channels, p.affine ? "True" : "False");
    default:
      return "";
  }
}

// What it computes of the values before it.
std::string Call(const Primitive& p) {
  const std::string x = Value(p.inputs[0]);
  switch (p.kind) {
    case PrimitiveKind::kZero:
      return absl::StrFormat("torch.zeros_like(%s[:, :, ::%d, ::%d])", x, p.stride, p.stride);
    case PrimitiveKind::kRelu:
      return absl::StrFormat("F.relu(%s)", x);
    case PrimitiveKind::kShift:
      return absl::StrFormat("shift(%s)", x);
    case PrimitiveKind::kMaxPool:
      return absl::StrFormat("F.max_pool2d(%s, %d, stride=%d, padding=%d)", x, p.kernel, p.stride,
                             p.padding);
    case PrimitiveKind::kAvgPool:
      return absl::StrFormat("F.avg_pool2d(%s, %d, stride=%d, padding=%d, count_include_pad=False)",
                             x, p.kernel, p.stride, p.padding);
    case PrimitiveKind::kConcat: {
      std::vector<std::string> values;
      for (const int input : p.inputs) values.push_back(Value(input));
      return absl::StrFormat("torch.cat((%s,), 1)", absl::StrJoin(values, ", "));
    }
    case PrimitiveKind::kDepthwise:
    case PrimitiveKind::kPointwise:
    case PrimitiveKind::kConv:
    case PrimitiveKind::kBatchNorm:
      return absl::StrFormat("self.%s(%s)", p.name, x);
    case PrimitiveKind::kInput:
    case PrimitiveKind::kIdentity:
    case PrimitiveKind::kModule:  // refused before
      break;
  }
  return x;
}

class ModuleWriter {
 public:
  absl::StatusOr<std::string> Write(const NetworkPlan& plan,
                                    const std::vector<ParameterSpec>& head) && {
    if (plan.mixture_rows > 0) {
      return absl::InvalidArgumentError("a supernet has no PyTorch module; derive a cell first");
    }
    std::string network;
    SSNAS_RETURN_IF_ERROR(AddNetwork(plan, head, &network));
    return absl::StrCat(kTorchProlog, classes_, network, kTorchEpilog);
  }

 private:
  // The name of the class with this body, which is written out once.
  std::string AddClass(const std::string& wanted, const std::string& body) {
    const auto [it, added] = class_of_.try_emplace(body, wanted);
    if (!added) return it->second;
    for (int n = 2; !names_.insert(it->second).second; ++n) {
      it->second = absl::StrCat(wanted, "_", n);
    }
    absl::StrAppend(&classes_, "\nclass ", it->second, "(nn.Module):\n\n", body, "\n");
    return it->second;
  }

  static std::string Body(const std::string& layers, const std::string& inputs,
                          const std::string& lines) {
    const std::string init =
        layers.empty()
            ? ""
            : absl::StrCat("    def __init__(self):\n        super().__init__()\n", layers, "\n");
    return absl::StrCat(init, "    def forward(self, ", inputs, "):\n", lines);
  }

  absl::StatusOr<std::string> AddRecipe(const std::string& name, const Recipe& recipe) {
    SSNAS_RETURN_IF_ERROR(CheckName(name));
    if (recipe.HasModule()) {
      return absl::UnimplementedError(
          absl::StrCat("operation '", name, "' has a module, whose code only C++ knows"));
    }
    std::string layers, lines;
    for (size_t i = 1; i < recipe.primitives().size(); ++i) {
      const Primitive& primitive = recipe.primitives()[i];
      const std::string layer = Layer(primitive);
      if (!layer.empty()) {
        SSNAS_RETURN_IF_ERROR(CheckName(primitive.name));
        absl::StrAppend(&layers, "        self.", primitive.name, " = ", layer, "\n");
      }
      absl::StrAppend(&lines, "        ", Value(static_cast<int>(i)), " = ", Call(primitive), "\n");
    }
    absl::StrAppend(&lines, "        return ", Value(recipe.output()), "\n");
    return AddClass(ClassName(name), Body(layers, "x0", lines));
  }

  // The class of a block; its states are s0, s1, …
  absl::StatusOr<std::string> AddBlock(const BlockPlan& plan, const std::string& class_name) {
    std::string layers, lines;
    for (size_t n = 0; n < plan.nodes.size(); ++n) {
      std::vector<std::string> terms;
      for (size_t e = 0; e < plan.nodes[n].edges.size(); ++e) {
        const EdgePlan& edge = plan.nodes[n].edges[e];
        const CandidatePlan& candidate = edge.candidates[0];
        const std::string prefix =
            plan.CandidatePrefix(static_cast<int>(n), static_cast<int>(e), 0);
        // "cells.3.edge_0_2.sep_conv_3x3." without the block's own name.
        const std::vector<std::string> path =
            absl::StrSplit(absl::StripSuffix(absl::StripPrefix(prefix, plan.name + "."), "."), '.');
        SSNAS_ASSIGN_OR_RETURN(const std::string type, AddRecipe(candidate.name, candidate.recipe));
        absl::StrAppend(&layers, "        self.", path[0], " = nn.ModuleDict({\"", path[1],
                        "\": ", type, "()})\n");
        terms.push_back(absl::StrFormat("self.%s[\"%s\"](s%d)", path[0], path[1], edge.from));
      }
      absl::StrAppend(&lines, "        s", static_cast<size_t>(plan.inputs) + n, " = ",
                      absl::StrJoin(terms, " + "), "\n");
    }
    std::vector<std::string> inputs, outputs;
    for (int i = 0; i < plan.inputs; ++i) inputs.push_back(absl::StrCat("s", i));
    for (const int state : plan.concat) outputs.push_back(absl::StrCat("s", state));
    absl::StrAppend(&lines, "        return torch.cat((", absl::StrJoin(outputs, ", "), ",), 1)\n");
    return AddClass(class_name, Body(layers, absl::StrJoin(inputs, ", "), lines));
  }

  absl::Status AddNetwork(const NetworkPlan& plan, const std::vector<ParameterSpec>& head,
                          std::string* text) {
    std::string layers, cells, lines;
    int64_t cell_count = 0;
    for (size_t i = 0; i < plan.blocks.size(); ++i) {
      const PlannedBlock& block = plan.blocks[i];
      const std::string& name = block.plan.name;
      std::string place = absl::StrCat("self.", name);
      if (name == absl::StrCat("cells.", cell_count)) {
        SSNAS_ASSIGN_OR_RETURN(const std::string type, AddBlock(block.plan, "Cell"));
        place = absl::StrCat("self.cells[", cell_count++, "]");
        absl::StrAppend(&cells, "            ", type, "(),\n");
      } else {
        SSNAS_RETURN_IF_ERROR(CheckName(name));
        SSNAS_ASSIGN_OR_RETURN(const std::string type, AddBlock(block.plan, ClassName(name)));
        absl::StrAppend(&layers, "        ", place, " = ", type, "()\n");
      }
      if (static_cast<int>(i) == plan.auxiliary) continue;
      std::vector<std::string> inputs;
      for (const int input : block.inputs) {
        inputs.push_back(input == kImages ? "images" : absl::StrCat("b", input));
      }
      absl::StrAppend(&lines, "        b", i, " = ", place, "(", absl::StrJoin(inputs, ", "),
                      ")\n");
    }
    SSNAS_ASSIGN_OR_RETURN(const std::string head_lines, Head(head));
    *text = absl::StrCat(
        "\nclass Network(nn.Module):\n\n    def __init__(self):\n        super().__init__()\n",
        layers, "        self.cells = nn.ModuleList([\n", cells, "        ])\n", head_lines,
        "\n    def features(self, images):\n",
        "        \"\"\"The representation: N x 3 x H x W -> N x channels.\"\"\"\n", lines,
        "        return b", plan.output, ".mean((2, 3))\n",
        "\n    def forward(self, images):\n        return self.features(images)\n");
    return absl::OkStatus();
  }

  // "projection.linear1.weight": a parameter of that name, in modules that hold nothing else.
  static absl::StatusOr<std::string> Head(const std::vector<ParameterSpec>& head) {
    std::string lines;
    if (!head.empty()) lines = "        # The objective's head, which features() does not use.\n";
    std::set<std::string> made;
    for (const ParameterSpec& spec : head) {
      const std::vector<std::string> path = absl::StrSplit(spec.name, '.');
      std::string place = "self";
      for (size_t i = 0; i < path.size(); ++i) {
        SSNAS_RETURN_IF_ERROR(CheckName(path[i]));
        absl::StrAppend(&place, ".", path[i]);
        if (i + 1 < path.size() && made.insert(place).second) {
          absl::StrAppend(&lines, "        ", place, " = nn.Module()\n");
        }
      }
      absl::StrAppend(&lines, "        ", place, " = nn.Parameter(torch.zeros(",
                      absl::StrJoin(spec.shape, ", "), "))\n");
    }
    return lines;
  }

  std::string classes_;
  std::map<std::string, std::string> class_of_;  // by body
  std::set<std::string> names_ = {"Norm", "Network"};
};

}  // namespace

absl::StatusOr<std::string> TorchModule(const NetworkPlan& plan,
                                        const std::vector<ParameterSpec>& head) {
  return ModuleWriter().Write(plan, head);
}

}  // namespace ssnas
