"""Bazel's embedded tools load rules_cc, which would otherwise come from the network.

Bazel 4.2.3 still has these rules built in, so their names are all that is needed.
"""

cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
objc_library = native.objc_library
