#include "query/shard.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "query/parallel.h"
#include "query/pipeline_builder.h"
#include "query/plan/scan_filters.h"
#include "query/spill.h"
#include "spl2/parser.h"
#include "spl2/printer.h"

namespace lynxdb::query {
namespace {

Result<spl2::Query> read_text(const std::string& text) {
  auto parsed = spl2::parse(text);
  if (auto* query = std::get_if<spl2::Query>(&parsed)) return std::move(*query);
  const auto& errors = std::get<std::vector<spl2::ParseError>>(parsed);
  return Error{ErrorCode::kInvalidArgument,
               errors.empty() ? std::string("no query") : errors.front().message};
}

// The commands as text, or "" when reading it again would not give the same: rewriting may make
// trees that nobody can write.
std::string text_of(const PlannedCommands& commands, std::size_t count) {
  if (count == 0) return {};
  spl2::Pipeline pipeline;
  for (std::size_t i = 0; i < count; ++i) pipeline.commands.push_back(commands[i].command);
  std::string text = spl2::to_text(pipeline);
  const auto again = read_text(text);
  if (!again || !again->ctes.empty() || !again->main->sources.empty()) return {};
  return spl2::to_text(*again->main) == text ? text : std::string();
}

bool is_filter(const spl2::Command& command) {
  return std::holds_alternative<spl2::SearchCommand>(command.node) ||
         std::holds_alternative<spl2::WhereCommand>(command.node) ||
         std::holds_alternative<spl2::RegexCommand>(command.node);
}

// Everything that run_shard works with.
struct ShardRun {
  ShardRun(const QueryOptions& query_options, std::shared_ptr<const spl2::Query> query,
           OpenSource open)
      : options(query_options),
        spill(options.spill_directory, options.spill_bytes_max),
        execution(options.memory_limit_bytes, spill, options.cancellation, options.memory_pool),
        builder(std::move(query), options, std::move(open), execution) {
    execution.now_ns = options.now_ns;
    execution.threads = options.threads;
    if (options.timeout)
      execution.cancellation.set_deadline(std::chrono::steady_clock::now() + *options.timeout);
  }

  const QueryOptions options;
  SpillSpace spill;
  Execution execution;
  PipelineBuilder builder;
};

}  // namespace

void describe_shard(Plan& plan, const QueryOptions& options) {
  for (const spl2::SourceName& source : plan.sources)
    if (source.cte) return;
  std::size_t filters = 0;
  while (filters < plan.commands.size() && is_filter(plan.commands[filters].command)) ++filters;
  plan.scan.filter_text = text_of(plan.commands, filters);
  if (!plan.scan.any_order) return;
  plan.scan.shard_text = text_of(plan.commands, plan.transforms + 1);
  plan.scan.query_from_ns = options.from_ns;
  plan.scan.query_to_ns = options.to_ns;
}

Result<std::vector<ScanFilter>> read_filters(const std::string& filter_text, std::int64_t now_ns) {
  if (filter_text.empty()) return std::vector<ScanFilter>();
  const spl2::Query query = TRY(read_text(filter_text));
  PlannedCommands commands;
  for (const spl2::Command& command : query.main->commands)
    commands.push_back({.command = command});
  return scan_filters(commands, now_ns);
}

Result<std::vector<std::string>> run_shard(const std::string& shard_text,
                                           const QueryOptions& options, OpenSource open,
                                           const std::function<bool(std::string)>& take) {
  auto query = std::make_shared<const spl2::Query>(TRY(read_text(shard_text)));
  ShardRun run(options, std::move(query), std::move(open));
  const OpenShard shard = TRY(run.builder.open_main_shard());
  if (shard.stage == nullptr || shard.remote != nullptr)
    return Error{ErrorCode::kInvalidArgument, "not a part of a query that makes groups"};
  const auto spec = shard.stage->spec();
  auto parts = TRY(aggregate_rows(*shard.source, shard.transforms, spec, run.execution));
  TRY(encode_groups(spec, std::move(parts), run.execution, take));
  std::vector<std::string> hints = run.execution.hints.list();
  for (std::string& hint : run.builder.hints()) hints.push_back(std::move(hint));
  return hints;
}

}  // namespace lynxdb::query
