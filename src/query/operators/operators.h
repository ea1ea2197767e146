// Every operator of the engine, one maker each. Each has a room of its own: operators/<name>.cc.
//
// Transforms (stateless, parallel) come first, then operators (pulled, in order). Makers take the
// checked syntax tree of their command; errors are kInvalidArgument with a message for the user.
// Every operator takes its memory from execution.memory and spills to execution.spill, or ends with
// kOutOfBudget naming limit and command; each looks at execution.cancellation at least once a
// batch.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/aggregation.h"
#include "query/execution.h"
#include "query/expression.h"
#include "query/operator.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// --- Transforms
// ------------------------------------------------------------------------------------ `now_ns`
// gives relative times (`_time>-1h`) their meaning.
Result<TransformPtr> make_search(const spl2::SearchExpr& expr, std::int64_t now_ns);
TransformPtr make_where(ExpressionPtr condition);
struct EvalAssignment {
  std::string field;
  ExpressionPtr expr;
};
TransformPtr make_eval(std::vector<EvalAssignment> assignments);
TransformPtr make_fields(const spl2::FieldsCommand& command);  // fields, table
TransformPtr make_rename(const spl2::RenameCommand& command);
Result<TransformPtr> make_rex(const spl2::RexCommand& command);
Result<TransformPtr> make_regex(const spl2::RegexCommand& command);
TransformPtr make_bin(const spl2::BinCommand& command);
TransformPtr make_fillnull(const spl2::FillnullCommand& command);  // With named fields.
TransformPtr make_unroll(const spl2::UnrollCommand& command);
// Keeps from_ns <= _time < to_ns; events without `_time` are dropped.
TransformPtr make_time_range(std::int64_t from_ns, std::int64_t to_ns);

// --- Operators
// ---------------------------------------------------------------------------------------
OperatorPtr make_transform_operator(OperatorPtr input, std::vector<TransformPtr> transforms,
                                    Execution& execution);
OperatorPtr make_head(OperatorPtr input, std::uint64_t count);  // Stops pulling when it has enough.
OperatorPtr make_tail(OperatorPtr input, std::uint64_t count, Execution& execution);
// `limit`: only the first rows are wanted (sort | head N): keeps that many in memory, exact.
OperatorPtr make_sort(OperatorPtr input, std::vector<spl2::SortKey> keys,
                      std::optional<std::uint64_t> limit, Execution& execution);
OperatorPtr make_dedup(OperatorPtr input, const spl2::DedupCommand& command, Execution& execution);
OperatorPtr make_fillnull_all(OperatorPtr input, const spl2::FillnullCommand& command,
                              Execution& execution);  // Without fields: blocking.
OperatorPtr make_reverse(OperatorPtr input, Execution& execution);
OperatorPtr make_join(OperatorPtr left, OperatorPtr right, const spl2::JoinCommand& command,
                      Execution& execution);
// Opened when the rows before it are done.
using OpenPipeline = std::function<Result<OperatorPtr>()>;
OperatorPtr make_append(OperatorPtr input, OpenPipeline sub, Execution& execution);
OperatorPtr make_multisearch(std::vector<OpenPipeline> subs, Execution& execution);
Result<OperatorPtr> make_transaction(OperatorPtr input, const spl2::TransactionCommand& command,
                                     const CompileContext& context, Execution& execution);
OperatorPtr make_xyseries(OperatorPtr input, const spl2::XyseriesCommand& command,
                          Execution& execution);
Result<OperatorPtr> make_eventstats(OperatorPtr input, const spl2::EventstatsCommand& command,
                                    const CompileContext& context, Execution& execution);
Result<OperatorPtr> make_streamstats(OperatorPtr input, const spl2::StreamstatsCommand& command,
                                     const CompileContext& context, Execution& execution);

}  // namespace lynxdb::query
