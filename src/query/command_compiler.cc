#include "query/command_compiler.h"

#include "base/check.h"
#include "query/batch_store.h"
#include "query/error_place.h"

namespace lynxdb::query {
namespace {

// A transform from each command that has one; null for the others.
struct ToTransform {
  const CompileContext& context;

  template <typename T>
  Result<TransformPtr> operator()(const T&) const {
    return TransformPtr();
  }
  Result<TransformPtr> operator()(const spl2::SearchCommand& command) const {
    return make_search(*command.expr, context.now_ns);
  }
  Result<TransformPtr> operator()(const spl2::WhereCommand& command) const {
    return make_where(TRY(compile(*command.expr, context.now_ns, context.upstream_columns)));
  }
  Result<TransformPtr> operator()(const spl2::EvalCommand& command) const {
    std::vector<EvalAssignment> assignments;
    std::set<std::string> upstream = context.upstream_columns;
    for (const auto& assignment : command.assignments) {
      assignments.push_back(
          {assignment.field, TRY(compile(*assignment.expr, context.now_ns, upstream))});
      upstream.insert(assignment.field);
    }
    return make_eval(std::move(assignments));
  }
  Result<TransformPtr> operator()(const spl2::FieldsCommand& command) const {
    return make_fields(command);
  }
  Result<TransformPtr> operator()(const spl2::RenameCommand& command) const {
    return make_rename(command);
  }
  Result<TransformPtr> operator()(const spl2::RexCommand& command) const {
    return make_rex(command);
  }
  Result<TransformPtr> operator()(const spl2::RegexCommand& command) const {
    return make_regex(command);
  }
  Result<TransformPtr> operator()(const spl2::BinCommand& command) const {
    return make_bin(command);
  }
  Result<TransformPtr> operator()(const spl2::FillnullCommand& command) const {
    return make_fillnull(command);
  }
  Result<TransformPtr> operator()(const spl2::UnrollCommand& command) const {
    return make_unroll(command);
  }
};

struct ToStage {
  const CompileContext& context;

  template <typename T>
  Result<StagePtr> operator()(const T&) const {
    return StagePtr();
  }
  Result<StagePtr> operator()(const spl2::StatsCommand& command) const {
    return make_stage(command, context);
  }
  Result<StagePtr> operator()(const spl2::TimechartCommand& command) const {
    return make_stage(command, context);
  }
  Result<StagePtr> operator()(const spl2::TopCommand& command) const {
    return make_stage(command, context);
  }
};

class NoRows final : public Operator {
 public:
  Result<std::optional<event::EventBatch>> next() override {
    return std::optional<event::EventBatch>();
  }
};

struct Check {
  const CompileContext& context;
  Execution& execution;

  template <typename T>
  Result<> operator()(const T&) const {
    return {};
  }
  Result<> operator()(const spl2::EventstatsCommand& command) const {
    TRY(make_eventstats(std::make_unique<NoRows>(), command, context, execution));
    return {};
  }
  Result<> operator()(const spl2::StreamstatsCommand& command) const {
    TRY(make_streamstats(std::make_unique<NoRows>(), command, context, execution));
    return {};
  }
  Result<> operator()(const spl2::TransactionCommand& command) const {
    TRY(make_transaction(std::make_unique<NoRows>(), command, context, execution));
    return {};
  }
};

}  // namespace

Result<TransformPtr> compile_transform(const spl2::Command& command,
                                       const CompileContext& context) {
  TransformPtr transform = TRY(std::visit(ToTransform{context}, command.node));
  LYNXDB_CHECK(transform != nullptr);
  return transform;
}

Result<StagePtr> compile_stage(const spl2::Command& command, const CompileContext& context) {
  StagePtr stage = TRY(std::visit(ToStage{context}, command.node));
  LYNXDB_CHECK(stage != nullptr);
  return stage;
}

Result<> check_command(const spl2::Command& command, const CompileContext& context,
                       Execution& execution) {
  if (is_transform(command)) TRY(placed(compile_transform(command, context), command.span));
  if (is_aggregating(command)) TRY(placed(compile_stage(command, context), command.span));
  return placed(std::visit(Check{context, execution}, command.node), command.span);
}

}  // namespace lynxdb::query
