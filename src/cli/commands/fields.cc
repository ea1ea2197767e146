// lynxdb fields: what fields the events have, or the values of one.
#include <string>
#include <utility>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/field_name_match.h"
#include "cli/field_rows.h"
#include "cli/pipe_input.h"
#include "cli/remote_fields.h"
#include "cli/run_query.h"
#include "query/field_summary.h"

namespace lynxdb::cli {
namespace {

void declare_flags(FlagSet& flags, Arguments& arguments) {
  declare_input_flags(flags, arguments);
  flags.value("--source", "LABEL", arguments.source, "only events of this source (* matches any)");
  flags.toggle("--values", arguments.values, "the 50 most frequent values of field NAME");
  flags.value("--prefix", "TEXT", arguments.prefix, "only fields whose name starts so");
  declare_run_flags(flags, arguments);
}

// Quoted for SPL2.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// Collects the summary and hands its rows to the writer of the format that was asked for.
class SummaryWriter final : public output::Writer {
 public:
  SummaryWriter(const Session& session, std::unique_ptr<output::Writer> rows)
      : session_(session), rows_(std::move(rows)) {}

  Result<> write(const event::EventBatch& batch) override {
    summary_.add(batch);
    return {};
  }

  Result<> finish() override {
    const event::EventBatch rows =
        summary_.rows(wanted_fields(session_.arguments, summary_.names()));
    written_ = rows.rows();
    for (const std::string& hint : summary_.hints()) session_.console.hint(hint);
    if (rows.rows() == 0) {
      session_.console.hint(no_fields_hint(session_.arguments, summary_.names()));
      return {};
    }
    TRY(rows_->write(rows));
    return rows_->finish();
  }

  std::optional<std::uint64_t> rows_written() const override { return written_; }

 private:
  const Session& session_;
  std::unique_ptr<output::Writer> rows_;
  query::FieldSummary summary_;
  std::uint64_t written_ = 0;
};

// Without rows, says that the name must be exact here: the input cannot be read for a nearer one.
class ValuesWriter final : public output::Writer {
 public:
  ValuesWriter(const Session& session, std::unique_ptr<output::Writer> rows)
      : session_(session), rows_(std::move(rows)) {}

  Result<> write(const event::EventBatch& batch) override {
    any_ = any_ || batch.rows() > 0;
    return rows_->write(batch);
  }

  Result<> finish() override {
    const std::string& name = session_.arguments.positionals.front();
    if (!any_)
      session_.console.hint("no event has a field '" + name + "'; lynxdb fields " + name +
                            " shows fields with such a name");
    return rows_->finish();
  }

  std::optional<std::uint64_t> rows_written() const override { return rows_->rows_written(); }

 private:
  const Session& session_;
  std::unique_ptr<output::Writer> rows_;
  bool any_ = false;
};

int run_values(const Session& session, const std::string& search, const std::string& name) {
  if (name.find('`') != std::string::npos)
    return wrong_arguments(session, kFieldsCommand, "no field name: " + name);
  const MakeWriter make = [&session](const output::WriterOptions& options,
                                     output::OutputBuffer& out,
                                     query::SpillSpace& spill) -> std::unique_ptr<output::Writer> {
    return std::make_unique<ValuesWriter>(session, output::make_writer(options, out, spill));
  };
  return run_query(session, search + " | top 50 `" + name + "` | rename `" + name + "` AS value",
                   {.make = make, .explains_no_rows = true});
}

int run(const Session& given) {
  // --source filters here; it is no label.
  Session session = given;
  const std::string search =
      session.arguments.source
          ? "search source=" + quoted(*std::exchange(session.arguments.source, std::nullopt))
          : "search *";
  const std::vector<std::string>& words = session.arguments.positionals;
  if (words.size() > 1)
    return wrong_arguments(session, kFieldsCommand, "fields takes at most one name");
  if (session.arguments.values && words.empty())
    return wrong_arguments(session, kFieldsCommand, "--values needs the name of a field");
  if (choose_mode(session) == Mode::kServer) return run_remote_fields(given);
  if (session.arguments.values) return run_values(session, search, words.front());
  const MakeWriter summary = [&session](
                                 const output::WriterOptions& options, output::OutputBuffer& out,
                                 query::SpillSpace& spill) -> std::unique_ptr<output::Writer> {
    output::WriterOptions rows = options;
    rows.aggregate_result = true;
    rows.columns.reset();
    return std::make_unique<SummaryWriter>(session, make_field_rows_writer(rows, out, spill));
  };
  return run_query(session, search, {.make = summary, .explains_no_rows = true});
}

}  // namespace

const Command kFieldsCommand = {
    "fields",      "f", "[NAME]", "show the fields that events have, or the values of one",
    declare_flags, run, true};

}  // namespace lynxdb::cli
