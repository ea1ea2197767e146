// lynxdb cluster: the nodes of a cluster, who leads what, what lacks copies; and what a person may
// change about it.
#include <algorithm>
#include <array>

#include "base/suggest.h"
#include "cli/cluster_rebuild.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/server_call.h"
#include "client/address.h"
#include "event/value.h"

namespace lynxdb::cli {
namespace {

void declare_flags(FlagSet& flags, Arguments& arguments) {
  flags.toggle("--under-replicated", arguments.under_replicated,
               "of partitions, those with fewer in-sync copies than replicas");
  flags.toggle("--dry-run", arguments.dry_run, "only say what would be done");
  flags.toggle("--cancel", arguments.cancel, "of drain: the node stays after all");
  flags.toggle("--force", arguments.force, "of remove: its copies are made anew elsewhere");
  flags.toggle("--accept-loss", arguments.accept_loss,
               "of recover-partition: events that only lost copies had are given up");
  flags.value("--node", "NODE", arguments.node,
              "of recover-partition: who shall lead, where several nodes have a copy");
  flags.value("--timeout", "DURATION", arguments.timeout, "how long to wait (30s)");
}

int show_status(const Session& session, const std::string& /*operand*/) {
  const CallOutcome outcome = get_from_server(session, "/api/v1/cluster/status");
  if (!outcome.data) return outcome.exit_code;
  const int printed = print_object(session, *outcome.data);
  if (printed != kExitOk) return printed;
  return json_member(*outcome.data, "status") == "\"unavailable\"" ? kExitFailure : kExitOk;
}

int show_nodes(const Session& session, const std::string& /*operand*/) {
  const CallOutcome outcome = get_from_server(session, "/api/v1/cluster/status");
  if (!outcome.data) return outcome.exit_code;
  return print_rows(session, json_elements(json_member(*outcome.data, "nodes").value_or("[]")));
}

bool lacks_copies(const std::string& partition) {
  const auto count = [&](std::string_view name) {
    return json_elements(json_member(partition, name).value_or("[]")).size();
  };
  return count("isr") < count("replicas");
}

int show_partitions(const Session& session, const std::string& /*operand*/) {
  const CallOutcome outcome = get_from_server(session, "/api/v1/cluster/partitions");
  if (!outcome.data) return outcome.exit_code;
  std::vector<std::string> rows = json_elements(*outcome.data);
  if (session.arguments.under_replicated)
    std::erase_if(rows, [](const std::string& row) { return !lacks_copies(row); });
  return print_rows(session, rows);
}

// --- Changes: the note for people, the moves as rows.

int change(const Session& session, std::string_view method, std::string path,
           std::string_view body = "") {
  if (session.arguments.dry_run)
    path += path.find('?') == std::string::npos ? "?dry_run=true" : "&dry_run=true";
  const CallOutcome outcome = ask_server(session, method, path, body);
  if (!outcome.data) return outcome.exit_code;
  session.console.note(json_string_member(*outcome.data, "note"));
  const auto moves = json_elements(json_member(*outcome.data, "moves").value_or("[]"));
  return moves.empty() ? kExitOk : print_rows(session, moves);
}

int rebalance(const Session& session, const std::string& /*operand*/) {
  return change(session, "POST", "/api/v1/cluster/rebalance");
}

std::string node_path(const std::string& node) {
  return "/api/v1/cluster/nodes/" + client::percent_encoded(node);
}

int drain(const Session& session, const std::string& node) {
  return change(session, "POST",
                node_path(node) + (session.arguments.cancel ? "/drain?cancel=true" : "/drain"));
}

// The node that is asked drains.
int leave(const Session& session, const std::string& /*operand*/) {
  const CallOutcome outcome = get_from_server(session, "/api/v1/cluster/status");
  if (!outcome.data) return outcome.exit_code;
  return drain(session, json_string_member(*outcome.data, "node_id"));
}

int remove(const Session& session, const std::string& node) {
  return change(session, "DELETE",
                node_path(node) + (session.arguments.force ? "?force=true" : ""));
}

int recover(const Session& session, const std::string& partition) {
  if (!session.arguments.accept_loss)
    return wrong_arguments(session, kClusterCommand,
                           "recover-partition needs --accept-loss: events that were acknowledged "
                           "may be lost; start the partition's nodes if you can");
  std::string body = R"({"accept_loss":true)";
  if (session.arguments.node) {
    body += R"(,"node":)";
    event::append_json_string(*session.arguments.node, body);
  }
  return change(session, "POST",
                "/api/v1/cluster/partitions/" + client::percent_encoded(partition) + "/recover",
                body + "}");
}

int join(const Session& session, const std::string& /*operand*/) {
  return wrong_arguments(session, kClusterCommand,
                         "a node joins by itself when it is started: `lynxdb server "
                         "--cluster.node-id NAME --cluster.seeds HOST:9400,...`");
}

struct Action {
  std::string_view name;
  std::string_view operand;  // What it needs behind its name; "" = nothing.
  int (*run)(const Session& session, const std::string& operand);
  bool is_optional = false;  // The operand.
};

constexpr std::array<Action, 10> kActions = {
    {{"status", "", show_status},
     {"nodes", "", show_nodes},
     {"partitions", "", show_partitions},
     {"rebalance", "", rebalance},
     {"drain", "a node's name", drain},
     {"leave", "", leave},
     {"remove", "a node's name", remove},
     {"recover-partition", "a partition's number", recover},
     {"rebuild", "a cluster's id", rebuild_cluster, true},
     {"join", "", join}}};

// The first flag that means nothing to the action, or "".
std::string_view misplaced_flag(const Arguments& arguments, std::string_view action) {
  const bool changes = action == "rebalance" || action == "drain" || action == "leave" ||
                       action == "remove" || action == "recover-partition" || action == "rebuild";
  if (arguments.under_replicated && action != "partitions")
    return "--under-replicated is for partitions";
  if (arguments.dry_run && !changes) return "--dry-run is for changes";
  if (arguments.cancel && action != "drain" && action != "leave") return "--cancel is for drain";
  if (arguments.force && action != "remove") return "--force is for remove";
  if (arguments.accept_loss && action != "recover-partition")
    return "--accept-loss is for recover-partition";
  if (arguments.node && action != "recover-partition") return "--node is for recover-partition";
  return "";
}

int run(const Session& session) {
  const std::vector<std::string>& words = session.arguments.positionals;
  const std::string name = words.empty() ? "status" : words.front();
  const auto* action = std::find_if(kActions.begin(), kActions.end(),
                                    [&](const Action& each) { return each.name == name; });
  if (action == kActions.end()) {
    std::array<std::string_view, kActions.size()> names;
    std::transform(kActions.begin(), kActions.end(), names.begin(),
                   [](const Action& each) { return each.name; });
    const auto nearest = base::suggest(name, names);
    return wrong_arguments(
        session, kClusterCommand,
        "cluster cannot '" + name + "'" + (nearest ? ": did you mean " + *nearest + "?" : ""));
  }
  const std::size_t wanted = action->operand.empty() ? 1 : 2;
  if (words.size() < wanted && !action->operand.empty() && !action->is_optional)
    return wrong_arguments(session, kClusterCommand,
                           "cluster " + name + " needs " + std::string(action->operand));
  if (words.size() > wanted)
    return wrong_arguments(session, kClusterCommand,
                           wanted == 1 ? "cluster " + name + " takes nothing more"
                                       : "cluster " + name + " takes " +
                                             std::string(action->operand) + " and nothing more");
  if (const std::string_view misplaced = misplaced_flag(session.arguments, name);
      !misplaced.empty())
    return wrong_arguments(session, kClusterCommand, std::string(misplaced));
  return action->run(session, words.size() > 1 ? words[1] : "");
}

}  // namespace

const Command kClusterCommand = {
    "cluster",
    "",
    "[status|nodes|partitions|rebalance|drain NODE|leave|remove NODE|recover-partition P|\n"
    "                       rebuild [CLUSTER]]",
    "show the nodes of a cluster and who leads what; move copies, let nodes go, rebuild",
    declare_flags,
    run,
    true};

}  // namespace lynxdb::cli
