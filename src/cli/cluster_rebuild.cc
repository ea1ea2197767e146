#include "cli/cluster_rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/exit_code.h"
#include "cli/server_call.h"
#include "config/server_config.h"
#include "event/value.h"
#include "instance/rebuild.h"
#include "instance/storage_options.h"
#include "server/http/json_writer.h"

namespace lynxdb::cli {
namespace {

using instance::RebuildSource;

int failed(const Session& session, const Error& error) {
  session.console.error(error.message, error.suggestion);
  return kExitFailure;
}

std::string row_of(const RebuildSource& source) {
  std::string row;
  std::string written;
  event::append_timestamp(source.manifest.written_ns, written);
  server::JsonWriter out(row);
  out.begin_object().member("cluster_id", source.manifest.cluster_id);
  out.member("manifest_version", source.manifest.version);
  out.member("written", written);
  out.member("partitions", source.partitions).member("segments", source.segments);
  out.member("events", source.events).member("bytes", source.size_bytes);
  out.member("missing_objects", source.missing.size());
  out.member("goes_on_as", source.goes_on_as).end_object();
  return row;
}

int show(const Session& session, const std::vector<RebuildSource>& sources) {
  std::vector<std::string> rows;
  rows.reserve(sources.size());
  for (const RebuildSource& source : sources) rows.push_back(row_of(source));
  return print_rows(session, rows);
}

Result<RebuildSource> choose(std::vector<RebuildSource> sources, const std::string& cluster_id) {
  if (cluster_id.empty()) {
    std::erase_if(sources, [](const RebuildSource& source) { return !source.goes_on_as.empty(); });
    if (sources.size() == 1) return sources.front();
    if (sources.empty())
      return Error{ErrorCode::kNotFound, "the object store holds no cluster to rebuild",
                   "check storage.s3_bucket and storage.s3_prefix; `lynxdb cluster rebuild "
                   "--dry-run` lists what is there"};
    return Error{ErrorCode::kInvalidArgument, "the object store holds several clusters",
                 "name one: `lynxdb cluster rebuild --dry-run` lists them"};
  }
  const auto found = std::find_if(sources.begin(), sources.end(), [&](const RebuildSource& source) {
    return source.manifest.cluster_id == cluster_id;
  });
  if (found == sources.end())
    return Error{ErrorCode::kNotFound, "the object store holds no cluster " + cluster_id,
                 "`lynxdb cluster rebuild --dry-run` lists what is there"};
  return *found;
}

Result<> check(const RebuildSource& source) {
  if (!source.goes_on_as.empty())
    return Error{ErrorCode::kConflict,
                 "cluster " + source.manifest.cluster_id + " was rebuilt and goes on as " +
                     source.goes_on_as,
                 "rebuild that one: two clusters with the same segments would delete each other's"};
  if (!source.missing.empty())
    return Error{ErrorCode::kCorruption,
                 fmt::format("{} of {} segments are not in the object store, {} is one",
                             source.missing.size(), source.segments, source.missing.front()),
                 "restore them: without them the answers would lack events"};
  return {};
}

Result<std::unique_ptr<io::ObjectStore>> configured_objects(const Session& session) {
  const auto config = TRY(config::make_server_config(session.settings, config::this_machine()));
  auto objects = TRY(instance::open_objects(config.storage));
  if (objects == nullptr)
    return Error{ErrorCode::kInvalidArgument, "no object store is configured",
                 "--config FILE names the configuration of a node"};
  return objects;
}

}  // namespace

int rebuild_cluster(const Session& session, const std::string& cluster_id) {
  const auto objects = configured_objects(session);
  if (!objects) return failed(session, objects.error());
  auto sources = instance::rebuild_sources(**objects);
  if (!sources) return failed(session, sources.error());
  if (session.arguments.dry_run && cluster_id.empty()) return show(session, *sources);
  const auto source = choose(*std::move(sources), cluster_id);
  if (!source) return failed(session, source.error());
  if (const auto good = check(*source); !good) return failed(session, good.error());
  if (!session.arguments.dry_run) {
    const auto ordered = instance::order_rebuild(**objects, *source);
    if (!ordered) return failed(session, ordered.error());
    session.console.note(
        fmt::format("the next cluster that is founded with this object store is {}: it has the {} "
                    "events of {}; "
                    "start the nodes, with empty data directories",
                    *ordered, source->events, source->manifest.cluster_id));
  }
  return show(session, {*source});
}

}  // namespace lynxdb::cli
