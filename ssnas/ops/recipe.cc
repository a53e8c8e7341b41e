#include "ssnas/ops/recipe.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

const char* KindName(PrimitiveKind kind) {
  switch (kind) {
    case PrimitiveKind::kInput:
      return "input";
    case PrimitiveKind::kIdentity:
      return "identity";
    case PrimitiveKind::kZero:
      return "zero";
    case PrimitiveKind::kRelu:
      return "relu";
    case PrimitiveKind::kShift:
      return "shift";
    case PrimitiveKind::kDepthwise:
      return "depthwise";
    case PrimitiveKind::kPointwise:
      return "pointwise";
    case PrimitiveKind::kConv:
      return "conv";
    case PrimitiveKind::kBatchNorm:
      return "batch_norm";
    case PrimitiveKind::kMaxPool:
      return "max_pool";
    case PrimitiveKind::kAvgPool:
      return "avg_pool";
    case PrimitiveKind::kConcat:
      return "concat";
    case PrimitiveKind::kModule:
      return "module";
  }
  LOG(FATAL) << "primitive of no known kind: " << static_cast<int>(kind);
}

bool IsConvolution(const Primitive& primitive) {
  return primitive.kind == PrimitiveKind::kDepthwise ||
         primitive.kind == PrimitiveKind::kPointwise || primitive.kind == PrimitiveKind::kConv;
}

// Input channels that one output channel of a convolution reads.
int64_t ChannelsRead(const Primitive& primitive) {
  return primitive.kind == PrimitiveKind::kDepthwise ? 1 : primitive.in_channels;
}

// Of a module, which names its own without its stage.
std::vector<ParameterSpec> Named(const std::string& stage, std::vector<ParameterSpec> specs) {
  for (ParameterSpec& spec : specs) spec.name = absl::StrCat(stage, ".", spec.name);
  return specs;
}

// Positions of the window along one side; ≤ 0 where it does not fit even once.
int64_t OutputSize(int64_t size, const Primitive& primitive) {
  const int64_t span = int64_t{primitive.dilation} * (primitive.kernel - 1) + 1;
  const int64_t room = size + 2 * int64_t{primitive.padding} - span;
  return room < 0 ? 0 : room / primitive.stride + 1;
}

// Shape of `primitive`'s value, given those of the values before it.
absl::StatusOr<Shape4> OutputShape(const Primitive& primitive, const std::vector<Shape4>& shapes) {
  const Shape4& in = shapes[primitive.inputs[0]];
  for (const int input : primitive.inputs) {
    const Shape4& other = shapes[input];
    if (other.h != in.h || other.w != in.w) {
      return absl::InvalidArgumentError(absl::StrCat("values to concatenate differ in size: ", in.h,
                                                     "×", in.w, " and ", other.h, "×", other.w));
    }
  }
  const Shape4 out{in.n, OutputSize(in.h, primitive), OutputSize(in.w, primitive),
                   primitive.out_channels};
  if (out.h < 1 || out.w < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        KindName(primitive.kind), primitive.name.empty() ? "" : " ", primitive.name, " of kernel ",
        primitive.kernel, ", dilation ", primitive.dilation, ", padding ", primitive.padding,
        " does not fit an input of ", in.h, "×", in.w));
  }
  return out;
}

}  // namespace

bool Recipe::IsIdentity() const {
  int value = output_;
  while (primitives_[value].kind == PrimitiveKind::kIdentity) value = primitives_[value].inputs[0];
  return primitives_[value].kind == PrimitiveKind::kInput;
}

bool Recipe::IsZero() const {
  int value = output_;
  while (primitives_[value].kind == PrimitiveKind::kIdentity) value = primitives_[value].inputs[0];
  return primitives_[value].kind == PrimitiveKind::kZero;
}

bool Recipe::HasModule() const {
  return std::any_of(primitives_.begin(), primitives_.end(),
                     [](const Primitive& p) { return p.kind == PrimitiveKind::kModule; });
}

absl::StatusOr<std::vector<Shape4>> Recipe::Shapes(const Shape4& input) const {
  if (input.n < 1 || input.h < 1 || input.w < 1 || input.c != in_channels()) {
    return absl::InvalidArgumentError(absl::StrCat("an input of N×H×W×C = ", input.n, "×", input.h,
                                                   "×", input.w, "×", input.c, " for a recipe of ",
                                                   in_channels(), " channels"));
  }
  std::vector<Shape4> shapes = {input};
  for (size_t i = 1; i < primitives_.size(); ++i) {
    SSNAS_ASSIGN_OR_RETURN(const Shape4 shape, OutputShape(primitives_[i], shapes));
    shapes.push_back(shape);
  }
  return shapes;
}

std::vector<ParameterSpec> Recipe::Parameters() const {
  std::vector<ParameterSpec> specs;
  for (const Primitive& primitive : primitives_) {
    if (IsConvolution(primitive)) {
      const int64_t k = primitive.kernel;
      const int64_t read = ChannelsRead(primitive);
      specs.push_back({.name = primitive.name + ".weight",
                       .shape = {primitive.out_channels, read, k, k},
                       .init = Init::kUniformFanIn,
                       .fan_in = read * k * k});
    } else if (primitive.kind == PrimitiveKind::kBatchNorm && primitive.affine) {
      const std::vector<int64_t> shape = {primitive.out_channels};
      specs.push_back({.name = primitive.name + ".weight", .shape = shape, .init = Init::kOnes});
      specs.push_back({.name = primitive.name + ".bias", .shape = shape, .init = Init::kZeros});
    } else if (primitive.kind == PrimitiveKind::kModule) {
      for (ParameterSpec& spec : Named(primitive.name, primitive.module->Parameters())) {
        specs.push_back(std::move(spec));
      }
    }
  }
  return specs;
}

std::vector<ParameterSpec> Recipe::RunningStatistics() const {
  std::vector<ParameterSpec> specs;
  for (const Primitive& primitive : primitives_) {
    if (primitive.kind == PrimitiveKind::kModule) {
      for (ParameterSpec& spec : Named(primitive.name, primitive.module->RunningStatistics())) {
        specs.push_back(std::move(spec));
      }
    }
    if (primitive.kind != PrimitiveKind::kBatchNorm) continue;
    const std::vector<int64_t> shape = {primitive.out_channels};
    specs.push_back(
        {.name = primitive.name + ".running_mean", .shape = shape, .init = Init::kZeros});
    specs.push_back({.name = primitive.name + ".running_var", .shape = shape, .init = Init::kOnes});
  }
  return specs;
}

absl::StatusOr<int64_t> Recipe::MultiplyAdds(const Shape4& input) const {
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> shapes, Shapes(input));
  int64_t total = 0;
  for (size_t i = 0; i < primitives_.size(); ++i) {
    const Primitive& primitive = primitives_[i];
    if (primitive.kind == PrimitiveKind::kModule) {
      total += primitive.module->MultiplyAdds(shapes[primitive.inputs[0]]);
    }
    if (!IsConvolution(primitive)) continue;
    total += shapes[i].count() * ChannelsRead(primitive) * primitive.kernel * primitive.kernel;
  }
  return total;
}

std::string Recipe::DebugString() const {
  std::string text;
  for (size_t i = 0; i < primitives_.size(); ++i) {
    const Primitive& p = primitives_[i];
    absl::StrAppend(&text, i, " = ", KindName(p.kind));
    switch (p.kind) {
      case PrimitiveKind::kDepthwise:
      case PrimitiveKind::kConv:
        absl::StrAppend(&text, " k", p.kernel, " s", p.stride, " d", p.dilation, " p", p.padding);
        break;
      case PrimitiveKind::kMaxPool:
      case PrimitiveKind::kAvgPool:
        absl::StrAppend(&text, " k", p.kernel, " s", p.stride, " p", p.padding);
        break;
      case PrimitiveKind::kPointwise:
      case PrimitiveKind::kZero:
      case PrimitiveKind::kModule:
        absl::StrAppend(&text, " s", p.stride);
        break;
      case PrimitiveKind::kBatchNorm:
        if (p.affine) absl::StrAppend(&text, " affine");
        break;
      default:
        break;
    }
    if (!p.inputs.empty()) absl::StrAppend(&text, " (", absl::StrJoin(p.inputs, ", "), ")");
    absl::StrAppend(&text, " -> ", p.out_channels);
    if (!p.name.empty()) absl::StrAppend(&text, " [", p.name, "]");
    absl::StrAppend(&text, "\n");
  }
  absl::StrAppend(&text, "output ", output_, "\n");
  return text;
}

RecipeBuilder::RecipeBuilder(int64_t in_channels) {
  CHECK_GT(in_channels, 0);
  recipe_.primitives_.push_back({.kind = PrimitiveKind::kInput, .out_channels = in_channels});
}

// Fills in what follows from the inputs; channels are kept unless the caller set them.
int RecipeBuilder::Add(Primitive primitive) {
  std::vector<Primitive>& primitives = recipe_.primitives_;
  CHECK(!primitive.inputs.empty());
  for (const int input : primitive.inputs) {
    CHECK_GE(input, 0);
    CHECK_LT(input, static_cast<int>(primitives.size()));
  }
  CHECK_GE(primitive.kernel, 1);
  CHECK_GE(primitive.stride, 1);
  CHECK_GE(primitive.dilation, 1);
  CHECK_GE(primitive.padding, 0);
  for (const Primitive& earlier : primitives) {
    CHECK(primitive.name.empty() || primitive.name != earlier.name)
        << "two primitives named " << primitive.name;
  }
  primitive.in_channels = primitives[primitive.inputs[0]].out_channels;
  if (primitive.out_channels == 0) primitive.out_channels = primitive.in_channels;
  CHECK_GT(primitive.out_channels, 0);
  primitives.push_back(std::move(primitive));
  return static_cast<int>(primitives.size()) - 1;
}

int RecipeBuilder::Identity(int x) {
  return Add({.kind = PrimitiveKind::kIdentity, .inputs = {x}});
}

int RecipeBuilder::Zero(int x, int stride) {
  return Add({.kind = PrimitiveKind::kZero, .inputs = {x}, .stride = stride});
}

int RecipeBuilder::Relu(int x) { return Add({.kind = PrimitiveKind::kRelu, .inputs = {x}}); }

int RecipeBuilder::Shift(int x) { return Add({.kind = PrimitiveKind::kShift, .inputs = {x}}); }

int RecipeBuilder::Depthwise(const std::string& name, int x, int kernel, int stride, int dilation,
                             int padding) {
  return Add({.kind = PrimitiveKind::kDepthwise,
              .inputs = {x},
              .name = name,
              .kernel = kernel,
              .stride = stride,
              .dilation = dilation,
              .padding = padding});
}

int RecipeBuilder::Pointwise(const std::string& name, int x, int64_t out_channels, int stride) {
  return Add({.kind = PrimitiveKind::kPointwise,
              .inputs = {x},
              .name = name,
              .stride = stride,
              .out_channels = out_channels});
}

int RecipeBuilder::Conv(const std::string& name, int x, int64_t out_channels, int kernel,
                        int stride, int padding) {
  return Add({.kind = PrimitiveKind::kConv,
              .inputs = {x},
              .name = name,
              .kernel = kernel,
              .stride = stride,
              .padding = padding,
              .out_channels = out_channels});
}

int RecipeBuilder::BatchNorm(const std::string& name, int x, bool affine) {
  return Add({.kind = PrimitiveKind::kBatchNorm, .inputs = {x}, .name = name, .affine = affine});
}

int RecipeBuilder::MaxPool(int x, int kernel, int stride, int padding) {
  // A window that lies in the padding altogether has no largest value.
  CHECK_LE(2 * padding, kernel);
  return Add({.kind = PrimitiveKind::kMaxPool,
              .inputs = {x},
              .kernel = kernel,
              .stride = stride,
              .padding = padding});
}

int RecipeBuilder::AvgPool(int x, int kernel, int stride, int padding) {
  CHECK_LE(2 * padding, kernel);
  return Add({.kind = PrimitiveKind::kAvgPool,
              .inputs = {x},
              .kernel = kernel,
              .stride = stride,
              .padding = padding});
}

int RecipeBuilder::Concat(const std::vector<int>& values) {
  int64_t channels = 0;
  for (const int value : values) channels += recipe_.primitives_.at(value).out_channels;
  return Add({.kind = PrimitiveKind::kConcat, .inputs = values, .out_channels = channels});
}

int RecipeBuilder::Module(const std::string& name, int x,
                          std::shared_ptr<const ssnas::Module> module, int64_t out_channels,
                          int stride) {
  CHECK(module != nullptr);
  CHECK(!name.empty());
  return Add({.kind = PrimitiveKind::kModule,
              .inputs = {x},
              .name = name,
              .stride = stride,
              .out_channels = out_channels,
              .module = std::move(module)});
}

Recipe RecipeBuilder::Build(int output) && {
  CHECK_GE(output, 0);
  CHECK_LT(output, static_cast<int>(recipe_.primitives_.size()));
  recipe_.output_ = output;
  return std::move(recipe_);
}

}  // namespace ssnas
