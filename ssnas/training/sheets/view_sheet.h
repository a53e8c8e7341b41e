// Eight training images with two views each, for the report: what the objective saw.
#ifndef SSNAS_TRAINING_SHEETS_VIEW_SHEET_H_
#define SSNAS_TRAINING_SHEETS_VIEW_SHEET_H_

#include "absl/status/status.h"
#include "ssnas/training/run_context.h"

namespace ssnas {

// Writes DIR/views.json (base64 PNGs). A normalise step is undone by stretching each view to its
// own range.
absl::Status WriteViewSheet(const RunContext& context);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_SHEETS_VIEW_SHEET_H_
