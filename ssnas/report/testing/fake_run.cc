#include "ssnas/report/testing/fake_run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/report/png.h"

namespace ssnas::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kEdges = 14;

// One edge of a cell: (row of the alphas, candidate, from, to).
struct Choice {
  int row;
  int candidate;
  int from;
  int to;
};
using Cell = std::vector<Choice>;

Cell MakeCell(const std::vector<std::array<int, 3>>& edges) {  // from, to, candidate
  Cell cell;
  for (const auto& [from, to, candidate] : edges) {
    cell.push_back({to * (to - 1) / 2 - 1 + from, candidate, from, to});
  }
  return cell;
}

class Writer {
 public:
  Writer(const FakeRun& run, const std::string& folder) : run_(run), folder_(folder) {
    candidates_ = {"none",       "max_pool_3x3", "avg_pool_3x3", "skip_connect",
                   run.sep_conv, "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"};
    cells_[0] = run.deep_cell ? MakeCell({{0, 2, 4},
                                          {1, 2, 5},
                                          {1, 3, 4},
                                          {2, 3, 3},
                                          {2, 4, 6},
                                          {3, 4, 4},
                                          {0, 5, 3},
                                          {4, 5, 7}})
                              : MakeCell({{0, 2, 4},
                                          {1, 2, 4},
                                          {0, 3, 4},
                                          {1, 3, 6},
                                          {1, 4, 4},
                                          {0, 4, 3},
                                          {0, 5, 3},
                                          {2, 5, 7}});
    cells_[1] = MakeCell(
        {{0, 2, 1}, {1, 2, 1}, {1, 3, 1}, {2, 3, 3}, {0, 4, 1}, {2, 4, 3}, {2, 5, 3}, {1, 5, 2}});
  }

  absl::Status Write() {
    SSNAS_RETURN_IF_ERROR(File("spec.textproto", Spec()));
    for (const int seed : run_.seeds) SSNAS_RETURN_IF_ERROR(Search(seed));
    if (!run_.finished) return absl::OkStatus();
    SSNAS_RETURN_IF_ERROR(File("architecture.textproto", Textproto()));
    if (run_.probed) {
      SSNAS_RETURN_IF_ERROR(Training("pretrain/found", 4.9, 4.55));
      for (int i = 1; i <= run_.random_cells; ++i) {
        SSNAS_RETURN_IF_ERROR(Training(absl::StrCat("pretrain/random_", i), 4.9, 4.6));
      }
    }
    if (run_.evaluated) SSNAS_RETURN_IF_ERROR(Training("evaluate/found", 2.3, 0.4));
    if (run_.views) SSNAS_RETURN_IF_ERROR(Views());
    if (run_.probed && run_.neighbors) SSNAS_RETURN_IF_ERROR(Neighbors());
    return File("summary.json", Summary().dump(1));
  }

 private:
  absl::Status File(const std::string& name, const std::string& text) {
    const std::string path = JoinPath(folder_, name);
    SSNAS_RETURN_IF_ERROR(MakeFolders(path.substr(0, path.rfind('/'))));
    return WriteFileSynced(path, text);
  }

  // In (−1, 1), about triangular.
  double Noise() {
    const auto uniform = [this] {
      return static_cast<double>(random_() >> 11) / 9007199254740992.0;
    };
    return uniform() - uniform();
  }

  std::string Spec() const {
    std::string text =
        absl::StrCat("name: \"", absl::CEscape(run_.name), "\"\nseed: 1\n",
                     "dataset {\n  name: \"fashion_mnist\"\n}\nobjective {\n  name: \"nt_xent\"\n"
                     "  config {\n    [type.googleapis.com/ssnas.NtXentConfig] {\n"
                     "      temperature: 0.5\n    }\n  }\n}\nspace {\n");
    for (const std::string& name : candidates_) {
      absl::StrAppend(&text, "  candidate {\n    name: \"", absl::CEscape(name), "\"\n  }\n");
    }
    return absl::StrCat(text, "  nodes: 4\n}\nsearch {\n  batch: 16\n  epochs: ", run_.epochs,
                        "\n}\npretrain {\n  batch: 64\n}\n");
  }

  // softmax(α) at a time from 0 to 1: edges of the cell grow, one of them late.
  std::vector<std::vector<double>> Weights(int kind, double time) const {
    std::vector<std::vector<double>> rows;
    for (int row = 0; row < kEdges; ++row) {
      std::vector<double> logits;
      for (size_t i = 0; i < candidates_.size(); ++i) {
        logits.push_back(time * 0.5 * std::sin(3.0 * row + 1.7 * static_cast<double>(i) + kind));
      }
      for (const Choice& choice : cells_[kind]) {
        const double late = choice.to == 5 ? 0.3 : 0.0;
        if (choice.row == row) {
          logits[choice.candidate] = (1.1 + 0.12 * choice.row) * std::max(0.0, time - late);
        }
      }
      double sum = 0;
      for (double& logit : logits) sum += logit = std::exp(logit);
      for (double& logit : logits) logit /= sum;
      rows.push_back(logits);
    }
    return rows;
  }

  // In the first epochs the last node read something else.
  Cell CellAt(int kind, double time) const {
    Cell cell = cells_[kind];
    if (time < 0.55) cell.back().candidate = 4;
    if (time < 0.35) cell[cell.size() - 2].candidate = 5;
    if (time < 0.25 && kind == 0) cell[2].candidate = 7;
    return cell;
  }

  std::string Darts(const Cell& cell) const {
    std::vector<std::string> pairs;
    for (const Choice& choice : cell) {
      pairs.push_back(absl::StrCat("('", candidates_[choice.candidate], "', ", choice.from, ")"));
    }
    return absl::StrCat("[", absl::StrJoin(pairs, ", "), "]");
  }

  std::string Genotype(double time) const {
    return absl::StrCat("Genotype(normal=", Darts(CellAt(0, time)),
                        ", normal_concat=range(2, 6), reduce=", Darts(CellAt(1, time)),
                        ", reduce_concat=range(2, 6))");
  }

  std::string Textproto() const {
    std::string text;
    for (const int kind : {0, 1}) {
      absl::StrAppend(&text, kind == 0 ? "normal {\n" : "reduction {\n");
      for (const Choice& choice : cells_[kind]) {
        absl::StrAppend(&text, "  edge { from: ", choice.from, " to: ", choice.to,
                        " operation { name: \"", absl::CEscape(candidates_[choice.candidate]),
                        "\" } }\n");
      }
      absl::StrAppend(&text, "  concat: [2, 3, 4, 5]\n}\n");
    }
    return text;
  }

  Json EpochLine(int epoch, int step) const {
    const double time = static_cast<double>(epoch + 1) / run_.epochs;
    Json line = {{"step", step}, {"epoch", epoch}, {"event", "epoch"}};
    line["alphas_normal"] = Weights(0, time);
    line["alphas_reduction"] = Weights(1, time);
    line["genotype"] = Genotype(time);
    for (const int kind : {0, 1}) {
      const Cell cell = CellAt(kind, time);
      line["skip_connects"].push_back(std::count_if(
          cell.begin(), cell.end(), [](const Choice& choice) { return choice.candidate == 3; }));
    }
    return line;
  }

  absl::Status Search(int seed) {
    random_.seed(static_cast<uint64_t>(seed));
    std::string metrics;
    std::string timings;
    const int total = run_.epochs * run_.steps_per_epoch;
    for (int step = 1; step <= total; ++step) {
      const int epoch = (step - 1) / run_.steps_per_epoch;
      const double time = static_cast<double>(step) / total;
      const double loss = 2.35 + 1.1 * std::exp(-4 * time) + 0.02 * seed;
      metrics += Json({{"step", step},
                       {"epoch", epoch},
                       {"weight_loss", loss + 0.12 * Noise()},
                       {"alpha_loss", loss + 0.06 + 0.13 * Noise()},
                       {"learning_rate", 0.05 * (1 + std::cos(3.14159 * time))},
                       {"gradient_norm", 2 + Noise()},
                       {"alpha_entropy", 2.079 - 0.35 * time * time}})
                     .dump() +
                 "\n";
      const double seconds = 0.24 + 0.03 * Noise();
      timings += Json({{"step", step},
                       {"seconds", seconds},
                       {"wait_seconds", step % 9 == 0 ? 0.02 : 0.0004},
                       {"images_per_second", 32 / seconds}})
                     .dump() +
                 "\n";
      const bool last = epoch + 1 == run_.epochs && !run_.finished;
      if (step % run_.steps_per_epoch == 0 && !last)
        metrics += EpochLine(epoch, step).dump() + "\n";
    }
    const std::string stage = absl::StrCat("search/seed_", seed);
    SSNAS_RETURN_IF_ERROR(File(stage + "/timings.jsonl", timings));
    return File(stage + "/metrics.jsonl", metrics);
  }

  absl::Status Training(const std::string& stage, double from, double to) {
    std::string metrics;
    std::string timings;
    const int total = 400;
    for (int step = 1; step <= total; ++step) {
      const double loss = to + (from - to) * std::exp(-5.0 * step / total);
      metrics += Json({{"step", step},
                       {"epoch", (step - 1) / 40},
                       {"loss", loss + 0.05 * Noise()},
                       {"accuracy", 0.4},
                       {"learning_rate", 0.1},
                       {"gradient_norm", 1.0}})
                     .dump() +
                 "\n";
      timings += Json({{"step", step},
                       {"seconds", 0.15},
                       {"wait_seconds", 0.001},
                       {"images_per_second", 430 + 20 * Noise()}})
                     .dump() +
                 "\n";
      if (step % 40 == 0) {
        metrics += Json({{"step", step},
                         {"epoch", step / 40 - 1},
                         {"event", "epoch"},
                         {"validation_loss", loss + 0.04 + 0.01 * Noise()}})
                       .dump() +
                   "\n";
      }
    }
    SSNAS_RETURN_IF_ERROR(File(stage + "/timings.jsonl", timings));
    return File(stage + "/metrics.jsonl", metrics);
  }

  // Blurred blobs, one a picture, as 28×28 grey images.
  absl::StatusOr<std::string> Picture(double x, double y, double size) const {
    std::vector<uint8_t> pixels;
    for (int row = 0; row < 28; ++row) {
      for (int column = 0; column < 28; ++column) {
        const double distance = std::hypot(row - y, column - x) / size;
        pixels.push_back(static_cast<uint8_t>(255 / (1 + std::exp(6 * (distance - 1)))));
      }
    }
    return EncodePngBase64(pixels.data(), 28, 28, 1);
  }

  absl::Status Views() {
    Json sheet = {{"size", 28}, {"images", Json::array()}};
    for (int i = 0; i < 8; ++i) {
      Json image;
      SSNAS_ASSIGN_OR_RETURN(image["original"], Picture(14, 14, 5 + i));
      for (int view = 0; view < 2; ++view) {
        SSNAS_ASSIGN_OR_RETURN(const std::string png,
                               Picture(14 + 6 * Noise(), 14 + 6 * Noise(), 7 + i));
        image["views"].push_back(png);
      }
      sheet["images"].push_back(image);
    }
    return File("views.json", sheet.dump());
  }

  absl::Status Neighbors() {
    Json sheet = {{"images", 1000}, {"held_out_queries", 8}, {"queries", Json::array()}};
    for (int i = 0; i < 8; ++i) {
      Json entry;
      SSNAS_ASSIGN_OR_RETURN(entry["image"], Picture(14, 14, 5 + i));
      for (int k = 0; k < 5; ++k) {
        SSNAS_ASSIGN_OR_RETURN(const std::string png, Picture(14 + Noise(), 14 + k, 5 + i));
        entry["neighbors"].push_back(
            {{"image", png}, {"similarity", 1 - (1 - run_.least_similarity) * (1 + 3.5 * k) / 15}});
      }
      sheet["queries"].push_back(entry);
    }
    return File("pretrain/found/neighbors.json", sheet.dump());
  }

  Json Network(const std::string& name, const std::string& role, int parameters,
               double accuracy) const {
    Json network = {{"name", name},
                    {"role", role},
                    {"seed", 1},
                    {"parameters", parameters},
                    {"multiply_adds", parameters * 78.0},
                    {"contrastive_loss", nullptr},
                    {"contrastive_validation_loss", nullptr},
                    {"probe_accuracy", nullptr},
                    {"test_error", nullptr},
                    {"test_images", 10000},
                    {"labels_used", run_.labelled ? 10000 : 0}};
    if (role != "untrained") {
      network["contrastive_loss"] = 4.36 + (1 - accuracy);
      network["contrastive_validation_loss"] = 4.4 + (1 - accuracy);
    }
    if (run_.probed && run_.labelled) network["probe_accuracy"] = accuracy;
    if (run_.evaluated && role == "found") network["test_error"] = 0.0721;
    return network;
  }

  Json Summary() const {
    Json summary = {
        {"experiment", run_.name},
        {"title", run_.title},
        {"seed", 1},
        {"finished", true},
        {"loss_title", "NT-Xent"},
        {"result_digest", "5f0c1d6e8a7b4c3d2e1f00112233445566778899aabbccddeeff001122334455"},
        {"labels_read_by_search", 0},
        {"threads", 2},
        {"cpu", "AVX-512"},
        {"engine", "reference"},
        {"version", "0.1.0"},
        {"commit", "e2f1dc0a8f5b4c3d2e1f00112233445566778899"},
        {"command", absl::StrCat("./bazelw run //experiments:", run_.name)},
        {"wall_seconds", 331.4},
        {"best_search", absl::StrCat("search/seed_", run_.seeds.front())},
        {"probe_chance", 0.1},
        {"notes", Json::array()}};
    for (int i = 0; i < run_.left_out; ++i) {
      summary["left_out"].push_back(
          {{"file", absl::StrCat("<b>", i, "</b>.jpg")}, {"reason", "is empty"}});
    }
    const auto stage = [](const std::string& name, const char* kind, double seconds, double rate,
                          double wait) {
      return Json{{"name", name},         {"kind", kind},
                  {"seconds", seconds},   {"images_per_second", rate},
                  {"wait_seconds", wait}, {"peak_memory_bytes", rate > 0 ? 931000000 : 0}};
    };
    for (const int seed : run_.seeds) {
      summary["stages"].push_back(
          stage(absl::StrCat("search/seed_", seed), "search", 96.2, 133.0, 1.1));
    }
    summary["stages"].push_back(stage("derive", "derive", 0, 0, 0));
    summary["networks"] = Json::array();
    if (!run_.probed && !run_.evaluated) return summary;
    summary["stages"].push_back(stage("pretrain/found", "pretrain", 63.9, 432.0, 2.4));
    summary["networks"].push_back(Network("found without labels", "found", 41832, 0.8412));
    for (int i = 1; i <= run_.random_cells; ++i) {
      summary["stages"].push_back(
          stage(absl::StrCat("pretrain/random_", i), "pretrain", 61.2, 440.0, 2.2));
      summary["networks"].push_back(Network(absl::StrCat("random cell ", i), "random",
                                            43104 + 512 * i, 0.8301 + 0.004 * ((i * 7) % 5 - 2)));
    }
    summary["networks"].push_back(Network("found, untrained", "untrained", 41832, 0.7153));
    summary["stages"].push_back(stage("probe/found", "probe", 14.1, 1250.0, 0.3));
    return summary;
  }

  const FakeRun& run_;
  const std::string folder_;
  std::vector<std::string> candidates_;
  std::array<Cell, 2> cells_;
  std::mt19937_64 random_{1};
};

}  // namespace

absl::Status WriteFakeRun(const FakeRun& run, const std::string& folder) {
  return Writer(run, folder).Write();
}

}  // namespace ssnas::report
