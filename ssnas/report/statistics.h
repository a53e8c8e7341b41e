// What a share of right answers on n test images says beyond those images.
//
// Wilson (1927): the p for which the observed share lies within z standard errors,
//   (q + z²/2n ± z √(q(1 − q)/n + z²/4n²)) / (1 + z²/n),   q = right/n, z = 1.96.
// Newcombe (1998), method 10: the interval of a difference of two shares from their Wilson limits,
//   d − √((a − l_a)² + (u_b − b)²) … d + √((u_a − a)² + (b − l_b)²),   d = a − b.
// The two networks of a run are tested on the same images, which makes their difference less
// uncertain than this says; the rule errs on the careful side.
#ifndef SSNAS_REPORT_STATISTICS_H_
#define SSNAS_REPORT_STATISTICS_H_

#include <vector>

namespace ssnas::report {

struct Interval {
  double low = 0;
  double high = 1;
};

// 95 % interval of a share in [0, 1] observed on n > 0; 0 … 1 when n is not positive.
Interval Wilson(double share, double n);
// 95 % interval of a − b; −1 … 1 when a number of images is not positive.
Interval Newcombe(double a, double images_a, double b, double images_b);

double Mean(const std::vector<double>& values);  // NaN when empty

// Mean over a window of `window` values around each value (fewer at the ends); values that are not
// finite are left out.
std::vector<double> MovingMean(const std::vector<double>& values, int window);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_STATISTICS_H_
