#!/bin/sh
# Runs the pinned Debian package's protoc with the libraries that were unpacked beside it.
debian="$0.runfiles/debian"
lib=lib/x86_64-linux-gnu
LD_LIBRARY_PATH="$debian/protobuf/usr/$lib:$debian/zlib/$lib" exec "$debian/protobuf/usr/bin/protoc" "$@"
