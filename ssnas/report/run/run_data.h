// What a run folder holds, as the report needs it. Every part may be missing.
#ifndef SSNAS_REPORT_RUN_RUN_DATA_H_
#define SSNAS_REPORT_RUN_RUN_DATA_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ssnas/proto/architecture.pb.h"
#include "ssnas/proto/experiment.pb.h"
#include "ssnas/report/run/json_lines.h"

namespace ssnas::report {

// Values over steps; NaN where a line lacks the value.
struct Series {
  std::vector<double> step = {};
  std::vector<double> value = {};
};

enum CellKind { kNormal, kReduction };
inline constexpr std::array<const char*, 2> kCellNames = {"normal", "reduction"};

// The end of an epoch of a search.
struct SearchEpoch {
  int64_t step = 0;
  int epoch = 0;  // from 0
  // softmax(α) of each cell: edge × candidate; empty when the line lacks it.
  std::array<std::vector<std::vector<double>>, 2> weights;
  std::array<std::optional<int64_t>, 2> skip_connects;
  std::optional<Architecture> cell = {};  // that would have been derived then
};

struct SearchRun {
  std::string stage = {};  // "search/seed_1"
  int64_t steps = 0;
  Series weight_loss;
  Series alpha_loss;
  Series alpha_entropy;
  Series gradient_norm;
  std::vector<SearchEpoch> epochs = {};
};

// Pretraining or supervised training of one network.
struct TrainingRun {
  std::string stage = {};  // "pretrain/found"
  std::string name = {};   // "found"
  int64_t steps = 0;
  Series loss;
  Series accuracy;
  Series validation_loss;  // an epoch each
};

struct NetworkResult {
  std::string name = {};
  std::string role = {};  // found, random, untrained
  std::optional<int64_t> seed = {};
  std::optional<double> parameters = {};
  std::optional<double> multiply_adds = {};
  std::optional<double> contrastive_loss = {};
  std::optional<double> contrastive_validation_loss = {};
  std::optional<double> probe_accuracy = {};
  std::optional<double> probe_train_accuracy = {};
  std::optional<double> test_error = {};
  std::optional<double> test_images = {};
  std::optional<double> labels_used = {};
};

struct StageCost {
  std::string name = {};
  std::string kind = {};
  double seconds = 0;
  std::optional<double> images_per_second = {};
  std::optional<double> wait_seconds = {};
  std::optional<double> peak_memory_bytes = {};
};

struct StageRate {
  std::string stage = {};
  Series images_per_second;
};

struct ImageViews {
  std::string original = {};  // base64 of a PNG, checked
  std::vector<std::string> views = {};
};

struct SimilarImage {
  std::string picture = {};  // base64 of a PNG, checked
  double similarity = 0;     // cosine, −1 … 1
};

// An image with those whose representation is most like its own, the most similar first.
struct ImageNeighbors {
  std::string picture = {};
  std::vector<SimilarImage> neighbors = {};
};

// What a pretrained network takes for alike.
struct NeighborSheet {
  std::string stage = {};              // "pretrain/found"
  std::optional<int64_t> images = {};  // among which neighbours were looked for
  bool held_out = false;               // none of `rows` was trained on
  std::vector<ImageNeighbors> rows = {};
};

// A file of the data that gave no image.
struct LeftOut {
  std::string file = {};
  std::string reason = {};
};

// summary.json, which a finished run has.
struct Summary {
  std::string experiment = {};
  std::string title = {};
  std::string loss_title = {};
  std::optional<int64_t> seed = {};
  bool finished = false;
  std::string digest = {};
  std::optional<int64_t> labels_read_by_search = {};
  std::optional<int64_t> threads = {};
  std::string cpu = {};
  std::string engine = {};
  std::string version = {};
  std::string commit = {};
  std::string command = {};
  std::optional<double> wall_seconds = {};
  std::string best_search = {};
  std::optional<double> probe_chance = {};
  std::vector<NetworkResult> networks = {};
  std::vector<std::string> notes = {};
  std::vector<LeftOut> left_out = {};
};

struct RunData {
  std::string folder = {};  // its last part
  std::optional<Summary> summary = {};
  std::string spec_text = {};
  std::optional<ExperimentSpec> spec = {};
  std::string cell_text = {};
  std::optional<Architecture> cell = {};
  std::vector<SearchRun> searches = {};
  std::vector<TrainingRun> pretrained = {};
  std::vector<TrainingRun> evaluated = {};
  std::vector<StageCost> costs = {};
  std::vector<StageRate> rates = {};
  std::optional<int64_t> image_size = {};
  std::vector<ImageViews> images = {};
  std::optional<NeighborSheet> neighbors = {};
  Problems problems;
};

// `kind`: kNormal or kReduction.
const CellGenotype& GenotypeOf(const Architecture& cell, int kind);
// The search that the cell comes from: summary's best, else the only one; null when that is not
// known.
const SearchRun* ChosenSearch(const RunData& run);
// Names of the candidates, in the order of the alphas' columns; "operation 1" … when the spec is
// missing.
std::vector<std::string> CandidateNames(const RunData& run);
// "NT-Xent", or what else the objective's loss is called.
std::string LossName(const RunData& run);
// The experiment's data, "Fashion-MNIST", or its plugin's name.
std::string DatasetName(const RunData& run);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_RUN_RUN_DATA_H_
