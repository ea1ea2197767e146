// POST and DELETE /cluster/...: what a person asks of the cluster. 202 with what will move.
#include <array>
#include <charconv>
#include <utility>

#include "server/cluster/cluster_admin.h"
#include "server/http/json_object.h"
#include "server/http/json_writer.h"
#include "server/routes/routes.h"

namespace lynxdb::server {
namespace {

// A parameter that is true, false or absent.
Result<bool> read_choice(const Request& request, std::string_view name) {
  const std::string_view text = request.query.get(name);
  if (text.empty() || text == "false" || text == "0") return false;
  if (text == "true" || text == "1") return true;
  return Error{ErrorCode::kInvalidArgument, std::string(name) + " must be true or false"};
}

void write_names(JsonWriter& out, std::string_view name, const std::vector<std::string>& names) {
  out.name(name).begin_array();
  for (const std::string& text : names) out.string(text);
  out.end_array();
}

Response planned(const ClusterPlan& plan, bool dry_run) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("dry_run", dry_run).member("note", plan.note);
  out.name("moves").begin_array();
  for (const PlannedMove& move : plan.moves) {
    out.begin_object().member("partition", move.partition);
    write_names(out, "from", move.from);
    write_names(out, "to", move.to);
    out.member("leader", move.leader).end_object();
  }
  out.end_array().end_object();
  Response response = data_response(text);
  response.status = dry_run ? 200 : 202;
  return response;
}

Result<> read_recovery(const Request& request, ClusterWish& wish) {
  constexpr std::array<std::string_view, 2> kKnown = {"accept_loss", "node"};
  const Error wanted{ErrorCode::kInvalidArgument,
                     "a partition is only recovered with {\"accept_loss\": true}",
                     "events that were acknowledged may be lost: start its nodes if you can"};
  if (request.body_view().empty()) return wanted;
  const auto members = TRY(read_json_object(request.body_view(), RepeatedMember::kRefused));
  TRY(check_known(members, kKnown));
  bool accepts = false;
  for (const JsonMember& member : members) {
    if (member.name == "accept_loss") {
      accepts = member.value.type() == event::Type::kBool && member.value.as_bool();
    } else if (member.value.type() != event::Type::kString) {
      return Error{ErrorCode::kInvalidArgument, "node must be text"};
    } else {
      wish.node = member.value.as_string();
    }
  }
  if (!accepts) return wanted;
  const std::string_view name = request.path_parameters.get("partition");
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), wish.partition);
  if (error != std::errc() || end != name.data() + name.size())
    return Error{ErrorCode::kInvalidArgument,
                 "a partition is a number, not '" + std::string(name) + "'"};
  return {};
}

Result<ClusterWish> read_wish(ClusterWish::Kind kind, const Request& request) {
  ClusterWish wish{.kind = kind, .node = std::string(request.path_parameters.get("node"))};
  wish.dry_run = TRY(read_choice(request, "dry_run"));
  wish.force = TRY(read_choice(request, "force"));
  if (kind == ClusterWish::Kind::kDrain && TRY(read_choice(request, "cancel")))
    wish.kind = ClusterWish::Kind::kKeep;
  if (kind == ClusterWish::Kind::kRecover) TRY(read_recovery(request, wish));
  return wish;
}

void carry_out(Api& api, ClusterWish::Kind kind, const ExchangePtr& exchange) {
  if (api.cluster == nullptr)
    return exchange->respond(error_response(
        Error{ErrorCode::kConflict, "this server is no node of a cluster", "see cluster.seeds"}));
  auto wish = read_wish(kind, exchange->request());
  if (!wish) return exchange->respond(error_response(wish.error()));
  const bool dry_run = wish->dry_run;
  api.cluster->carry_out(*std::move(wish), [exchange, dry_run](Result<ClusterPlan> plan) {
    exchange->respond(plan ? planned(*plan, dry_run) : error_response(plan.error()));
  });
}

}  // namespace

void add_cluster_admin_routes(Router& router, Api& api) {
  using Kind = ClusterWish::Kind;
  const auto add = [&](Method method, std::string pattern, Kind kind,
                       std::vector<std::string_view> parameters) {
    router.add({.method = method,
                .pattern = std::move(pattern),
                .handler = [&api, kind](const ExchangePtr& e) { carry_out(api, kind, e); },
                .body_bytes_max = kSmallBodyBytes,
                .parameters = std::move(parameters)});
  };
  add(Method::kPost, "/api/v1/cluster/rebalance", Kind::kRebalance, {"dry_run"});
  add(Method::kPost, "/api/v1/cluster/nodes/{node}/drain", Kind::kDrain, {"dry_run", "cancel"});
  add(Method::kDelete, "/api/v1/cluster/nodes/{node}", Kind::kRemove, {"dry_run", "force"});
  add(Method::kPost, "/api/v1/cluster/partitions/{partition}/recover", Kind::kRecover, {"dry_run"});
}

}  // namespace lynxdb::server
