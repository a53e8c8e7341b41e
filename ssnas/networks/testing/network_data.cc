#include "ssnas/networks/testing/network_data.h"

#include "ssnas/core/philox.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

constexpr unsigned kAll = kWeightGradients | kAlphaGradients | kInputGradients;

void FillIn(const NetworkData& data, NetworkForward<double>* args) {
  args->weights = data.weights.data();
  args->alphas = data.alphas.empty() ? nullptr : data.alphas.data();
}

double Dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b.at(i);
  return sum;
}

}  // namespace

std::vector<double> NormalValues(int64_t count, uint64_t key) {
  Philox random({.purpose = Purpose::kTest, .sample = key});
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(random.Normal());
  return values;
}

NetworkData RandomNetworkData(const Network<double>& network, const Shape4& images, uint64_t seed) {
  const NetworkPlan& plan = network.plan();
  NetworkData data;
  data.shape = images;
  data.images = NormalValues(images.count(), seed);
  data.weights = InitialValues<double>(network.weights(), seed);
  const std::vector<double> moves = NormalValues(network.weights().size(), seed + 1);
  for (size_t i = 0; i < network.weights().specs().size(); ++i) {
    const ParameterSpec& spec = network.weights().specs()[i];
    if (spec.init == Init::kUniformFanIn) continue;
    const int64_t offset = network.weights().offset(static_cast<int>(i));
    for (int64_t j = offset; j < offset + spec.count(); ++j) data.weights[j] += 0.2 * moves[j];
  }
  data.alphas = NormalValues(2 * int64_t{plan.mixture_rows} * plan.mixture_columns, seed + 2);
  data.representation_gradient = NormalValues(images.n * network.representation_size(), seed + 3);
  data.auxiliary_gradient = NormalValues(images.n * network.auxiliary_size(), seed + 4);
  return data;
}

absl::StatusOr<double> Loss(Network<double>& network, const NetworkData& data,
                            NetworkForward<double> args) {
  FillIn(data, &args);
  // The auxiliary head runs only where gradients are kept.
  args.gradients = network.auxiliary_size() > 0 ? kAll : kNoGradients;
  NetworkOutputs<double> outputs;
  SSNAS_RETURN_IF_ERROR(network.Forward({data.images.data(), data.shape}, args, &outputs));
  return Dot(outputs.representation, data.representation_gradient) +
         Dot(outputs.auxiliary, data.auxiliary_gradient);
}

absl::StatusOr<NetworkGradients> Gradients(Network<double>& network, const NetworkData& data,
                                           NetworkForward<double> args, unsigned gradients) {
  FillIn(data, &args);
  args.gradients = gradients;
  NetworkOutputs<double> outputs;
  SSNAS_RETURN_IF_ERROR(network.Forward({data.images.data(), data.shape}, args, &outputs));
  NetworkGradients found{.images = std::vector<double>(data.images.size()),
                         .weights = std::vector<double>(data.weights.size()),
                         .alphas = std::vector<double>(data.alphas.size())};
  NetworkBackward<double> backward{.representation = data.representation_gradient.data(),
                                   .gradients = gradients};
  if (!outputs.auxiliary.empty()) backward.auxiliary = data.auxiliary_gradient.data();
  if (gradients & kWeightGradients) backward.weight_gradients = found.weights.data();
  if (gradients & kAlphaGradients) backward.alpha_gradients = found.alphas.data();
  if (gradients & kInputGradients) backward.image_gradients = found.images.data();
  SSNAS_RETURN_IF_ERROR(network.Backward(backward));
  return found;
}

}  // namespace ssnas
