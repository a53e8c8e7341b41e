"""Bazel's embedded tools load rules_proto, which would otherwise come from the network.

Bazel 4.2.3 still has these rules built in, so their names are all that is needed.
"""

ProtoInfo = ProtoInfo
proto_lang_toolchain = native.proto_lang_toolchain
proto_library = native.proto_library
