#!/usr/bin/env bash
# Builds @confluentinc/kafka-javascript, an optional peer, in a cache outside git, where the tests find it: it compiles
# librdkafka for a minute or two, which nobody should wait for who only installs the workspace.
#
# Debian: libcurl4-openssl-dev libssl-dev libsasl2-dev zlib1g-dev libzstd-dev liblz4-dev g++ make python3
set -euo pipefail
version=1.10.1
folder="$(cd "$(dirname "$0")/../../.." && pwd)/node_modules/.cache/fairtrial/confluent"
package="$folder/node_modules/@confluentinc/kafka-javascript"
[ -f "$package/build/Release/confluent-kafka-javascript.node" ] &&
  grep -q "\"version\": \"$version\"" "$package/package.json" && exit 0

# Where Node brought its headers along, none are downloaded.
prefix="$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")"
[ -f "$prefix/include/node/node.h" ] && export npm_config_nodedir="$prefix"

mkdir -p "$folder"
echo '{ "private": true }' >"$folder/package.json"
# Without a prebuilt binary to download, it links what the system has.
CKJS_LINKING=dynamic npm install --prefix "$folder" --no-audit --no-fund "@confluentinc/kafka-javascript@$version"
