#include "tests/oracle/oracle.h"

#include <map>

#include "tests/oracle/commands.h"

namespace lynxdb::oracle {
namespace {

class Evaluator {
 public:
  Evaluator(const Rows& events, const Context& context) : events_(events), context_(context) {}

  void define(const spl2::Cte& cte) { ctes_[cte.name] = pipeline(*cte.pipeline, events_); }

  // `around`: what a subsearch without FROM reads.
  Rows pipeline(const spl2::Pipeline& pipeline, const Rows& around) {
    Rows rows;
    Rows source;
    for (const spl2::SourceName& name : pipeline.sources) {
      const Rows& from = name.cte ? ctes_.at(name.name) : events_;
      source.insert(source.end(), from.begin(), from.end());
    }
    if (pipeline.sources.empty()) source = around;
    rows = source;
    for (const spl2::Command& command : pipeline.commands)
      rows = std::visit([&](const auto& node) { return step(node, std::move(rows), source); },
                        command.node);
    return rows;
  }

 private:
  Rows step(const spl2::AppendCommand& command, Rows rows, const Rows& source) {
    const Rows more = pipeline(*command.sub, source);
    rows.insert(rows.end(), more.begin(), more.end());
    return rows;
  }
  Rows step(const spl2::MultisearchCommand& command, const Rows&, const Rows& source) {
    Rows rows;
    for (const spl2::PipelinePtr& sub : command.subs) {
      const Rows more = pipeline(*sub, source);
      rows.insert(rows.end(), more.begin(), more.end());
    }
    return rows;
  }
  Rows step(const spl2::JoinCommand& command, const Rows& rows, const Rows& source) {
    return join(command, rows, pipeline(*command.sub, source));
  }
  template <typename Command>
  Rows step(const Command& command, Rows rows, const Rows&) {
    return run(command, std::move(rows), context_);
  }

  const Rows& events_;
  const Context& context_;
  std::map<std::string, Rows> ctes_;
};

}  // namespace

Rows answer(const spl2::Query& query, const Rows& events, const Context& context) {
  Evaluator evaluator(events, context);
  for (const spl2::Cte& cte : query.ctes) evaluator.define(cte);
  return evaluator.pipeline(*query.main, events);
}

}  // namespace lynxdb::oracle
