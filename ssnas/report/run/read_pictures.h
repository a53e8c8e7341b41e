// Pictures of a run: views of training images, and images that the trained network takes for alike.
#ifndef SSNAS_REPORT_RUN_READ_PICTURES_H_
#define SSNAS_REPORT_RUN_READ_PICTURES_H_

#include <string>

#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// From views.json. What is no PNG in base64 is noted and left out.
void ReadViews(const std::string& folder, RunData* run);

// From neighbors.json of pretrain/found, else of the first pretrained network in `run`. The same.
void ReadNeighbors(const std::string& folder, RunData* run);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_RUN_READ_PICTURES_H_
