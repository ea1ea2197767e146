// Commands (section 4), each a function from rows to rows.
#pragma once

#include <functional>

#include "spl2/ast.h"
#include "tests/oracle/expression.h"

namespace lynxdb::oracle {

// row_commands.cc
Rows run(const spl2::SearchCommand& command, const Rows& rows, const Context& context);
Rows run(const spl2::WhereCommand& command, const Rows& rows, const Context& context);
Rows run(const spl2::EvalCommand& command, Rows rows, const Context& context);
Rows run(const spl2::FieldsCommand& command, Rows rows, const Context& context);
Rows run(const spl2::RenameCommand& command, Rows rows, const Context& context);
Rows run(const spl2::HeadCommand& command, Rows rows, const Context& context);
Rows run(const spl2::TailCommand& command, Rows rows, const Context& context);
Rows run(const spl2::ReverseCommand& command, Rows rows, const Context& context);
Rows run(const spl2::SortCommand& command, Rows rows, const Context& context);
Rows run(const spl2::DedupCommand& command, const Rows& rows, const Context& context);
Rows run(const spl2::BinCommand& command, Rows rows, const Context& context);
Rows run(const spl2::RexCommand& command, Rows rows, const Context& context);
Rows run(const spl2::RegexCommand& command, const Rows& rows, const Context& context);
Rows run(const spl2::FillnullCommand& command, Rows rows, const Context& context);
Rows run(const spl2::UnrollCommand& command, const Rows& rows, const Context& context);

// group_commands.cc
Rows run(const spl2::StatsCommand& command, Rows rows, const Context& context);
Rows run(const spl2::EventstatsCommand& command, Rows rows, const Context& context);
Rows run(const spl2::StreamstatsCommand& command, Rows rows, const Context& context);
Rows run(const spl2::TopCommand& command, const Rows& rows, const Context& context);
Rows run(const spl2::XyseriesCommand& command, const Rows& rows, const Context& context);

// timechart.cc, transaction.cc
Rows run(const spl2::TimechartCommand& command, const Rows& rows, const Context& context);
Rows run(const spl2::TransactionCommand& command, const Rows& rows, const Context& context);

// join: the rows of the subsearch are given.
Rows join(const spl2::JoinCommand& command, const Rows& left, const Rows& right);

// --- Keys (4.1) ---------------------------------------------------------------------------------

// What makes two keys equal: null, or the text form.
std::string key_text(const Value& v);

// Rows of equal keys. `keys`: one value per key, of the lowest type seen.
struct Group {
  std::vector<Value> keys;
  Rows rows;
};

// In ascending order of the keys. A row with a list is in the group of each distinct element.
std::vector<Group> group_by(const Rows& rows, const std::vector<spl2::ByKey>& by,
                            const Context& context);

// A `by` key that is a lone field.
spl2::ByKey field_key(const std::string& name);

}  // namespace lynxdb::oracle
