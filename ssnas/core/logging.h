// The one way to LOG and CHECK: glog's macros, also where libtorch's headers are included.
//
// c10 and glog define the same names and the later include silently wins. A file that needs both
// includes its ATen headers first and this one last; the linter forbids <glog/…> and c10's logging
// elsewhere.
#ifndef SSNAS_CORE_LOGGING_H_
#define SSNAS_CORE_LOGGING_H_

#undef CHECK
#undef CHECK_EQ
#undef CHECK_GE
#undef CHECK_GT
#undef CHECK_LE
#undef CHECK_LT
#undef CHECK_NE
#undef CHECK_NOTNULL
#undef DCHECK
#undef DCHECK_EQ
#undef DCHECK_GE
#undef DCHECK_GT
#undef DCHECK_LE
#undef DCHECK_LT
#undef DCHECK_NE
#undef DCHECK_NOTNULL
#undef DLOG
#undef LOG
#undef LOG_EVERY_N
#undef LOG_FIRST_N
#undef LOG_IF
#undef VLOG
#undef VLOG_IF
#undef VLOG_IS_ON

#include <glog/logging.h>  // IWYU pragma: export

#endif  // SSNAS_CORE_LOGGING_H_
