// Nodes and copies as bytes (docs/formats/metadata-log.md).
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "metadata/state.h"

namespace lynxdb::metadata {

// Replication factor, min_isr, the next node's id, and the nodes.
void put_nodes(const State& state, std::string& out);
void read_nodes(base::ByteReader& in, State& state);

void put_copies(const Replication& copies, std::string& out);
Replication read_copies(base::ByteReader& in);

void put_node_ids(const std::vector<NodeId>& nodes, std::string& out);
std::vector<NodeId> read_node_ids(base::ByteReader& in);

}  // namespace lynxdb::metadata
