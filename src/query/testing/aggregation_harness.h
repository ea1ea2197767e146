// For tests of stats-like commands: a command's text and JSON rows in, JSON rows out.
#pragma once

#include <random>

#include "query/operators/operators.h"
#include "query/spill.h"
#include "query/testing/batch_builder.h"
#include "spl2/parser.h"

namespace lynxdb::query::testing {

struct HarnessOptions {
  std::size_t parts = 1;  // Workers' shares.
  std::size_t rows_per_batch = 4096;
  std::size_t memory_bytes = 1U << 30U;
  std::uint32_t seed = 1;  // Of the spread of batches over workers.
  CompileContext context{};
};

// The last command of a pipeline.
inline spl2::Command command_of(const std::string& text) {
  auto parsed = spl2::parse("| " + text);
  if (const auto* errors = std::get_if<std::vector<spl2::ParseError>>(&parsed)) {
    ADD_FAILURE() << text << ": " << errors->front().message;
    return {};
  }
  return std::get<spl2::Query>(parsed).main->commands.back();
}

// Runs commands and remembers what they left behind: hints, bytes spilled.
class Harness {
 public:
  explicit Harness(HarnessOptions options = {})
      : options_(std::move(options)),
        spill_(::testing::TempDir(), 1U << 30U),
        execution_(options_.memory_bytes, spill_) {}

  // stats, timechart, top, rare. An error gives one row with its message.
  std::vector<std::string> stage(const std::string& text, const std::vector<std::string>& lines) {
    return stage(text, batches_of(lines));
  }

  std::vector<std::string> stage(const std::string& text,
                                 const std::vector<event::EventBatch>& batches) {
    const Result<StagePtr> made = stage_of(command_of(text));
    if (!made) return {"error: " + made.error().message};
    std::vector<std::unique_ptr<PartialAggregation>> parts;
    for (std::size_t i = 0; i < options_.parts; ++i)
      parts.push_back(std::make_unique<PartialAggregation>((*made)->spec(), execution_));
    std::mt19937 random(options_.seed);
    for (const event::EventBatch& batch : batches) {
      const Result<> consumed = parts[random() % parts.size()]->consume(batch);
      if (!consumed) return {"error: " + consumed.error().message};
    }
    std::shuffle(parts.begin(), parts.end(), random);
    return rows_of((*made)->finish(std::move(parts), execution_));
  }

  // eventstats, streamstats, xyseries.
  std::vector<std::string> operation(const std::string& text,
                                     const std::vector<std::string>& lines) {
    const spl2::Command command = command_of(text);
    OperatorPtr input = operator_of(batches_of(lines));
    Result<OperatorPtr> made = Error{ErrorCode::kInvalidArgument, "not such a command"};
    if (const auto* xyseries = std::get_if<spl2::XyseriesCommand>(&command.node))
      made = make_xyseries(std::move(input), *xyseries, execution_);
    else if (const auto* eventstats = std::get_if<spl2::EventstatsCommand>(&command.node))
      made = make_eventstats(std::move(input), *eventstats, options_.context, execution_);
    else if (const auto* streamstats = std::get_if<spl2::StreamstatsCommand>(&command.node))
      made = make_streamstats(std::move(input), *streamstats, options_.context, execution_);
    if (!made) return {"error: " + made.error().message};
    return rows_of(*std::move(made));
  }

  std::vector<std::string> hints() const { return execution_.hints.list(); }
  std::uint64_t spilled_bytes() const { return spill_.spilled_bytes(); }
  Execution& execution() { return execution_; }

 private:
  std::vector<event::EventBatch> batches_of(const std::vector<std::string>& lines) const {
    std::vector<event::EventBatch> batches;
    for (std::size_t i = 0; i < lines.size(); i += options_.rows_per_batch) {
      const std::size_t end = std::min(i + options_.rows_per_batch, lines.size());
      batches.push_back(batch_of_json({lines.begin() + static_cast<std::ptrdiff_t>(i),
                                       lines.begin() + static_cast<std::ptrdiff_t>(end)},
                                      batches.size()));
    }
    return batches;
  }

  Result<StagePtr> stage_of(const spl2::Command& command) const {
    if (const auto* stats = std::get_if<spl2::StatsCommand>(&command.node))
      return make_stage(*stats, options_.context);
    if (const auto* top = std::get_if<spl2::TopCommand>(&command.node))
      return make_stage(*top, options_.context);
    if (const auto* chart = std::get_if<spl2::TimechartCommand>(&command.node))
      return make_stage(*chart, options_.context);
    return Error{ErrorCode::kInvalidArgument, "not such a command"};
  }

  static std::vector<std::string> rows_of(OperatorPtr rows) {
    Result<std::vector<std::string>> drained = drain(*rows);
    if (!drained) return {"error: " + drained.error().message};
    return *std::move(drained);
  }

  const HarnessOptions options_;
  SpillSpace spill_;
  Execution execution_;
};

inline std::vector<std::string> run(const std::string& text,
                                    const std::vector<std::string>& lines) {
  return Harness().stage(text, lines);
}

}  // namespace lynxdb::query::testing
