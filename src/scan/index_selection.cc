#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/suggest.h"
#include "query/operators/field_names.h"
#include "scan/store_source.h"

namespace lynxdb::scan {
namespace {

std::set<std::string> indexes_in(const storage::ReadView& view) {
  std::set<std::string> known;
  for (const auto& [id, segment] : view.state().segments) known.insert(segment->index);
  for (const auto& segment : view.staged()) known.insert(segment->entry().index);
  for (const storage::TailBatchPtr& tail : view.tail()) storage::add_indexes(*tail, known);
  return known;
}

std::string unknown_index(const std::string& name, const std::set<std::string>& known) {
  std::string hint = fmt::format("no events in index '{}'", name);
  const std::vector<std::string_view> names(known.begin(), known.end());
  if (const auto nearest = base::suggest(name, names))
    hint += fmt::format("; did you mean '{}'?", *nearest);
  return hint;
}

}  // namespace

std::vector<std::string> known_indexes(const storage::ReadView& view) {
  const std::set<std::string> known = indexes_in(view);
  return {known.begin(), known.end()};
}

std::vector<std::string> select_indexes(const storage::ReadView& view,
                                        const std::vector<spl2::SourceName>& names,
                                        query::Hints& hints) {
  return select_indexes(indexes_in(view), names, hints);
}

std::vector<std::string> select_indexes(const std::set<std::string>& known,
                                        const std::vector<spl2::SourceName>& names,
                                        query::Hints& hints) {
  std::set<std::string> selected;
  for (const spl2::SourceName& source : names) {
    if (!source.glob) {
      selected.insert(source.name);
      // An empty store is no mistake of the query.
      if (!known.contains(source.name) && source.name != "main")
        hints.add(unknown_index(source.name, known));
      continue;
    }
    const query::WildcardPattern glob = query::field_glob(source.name);
    for (const std::string& name : known)
      if (glob.matches(name)) selected.insert(name);
  }
  return {selected.begin(), selected.end()};
}

}  // namespace lynxdb::scan
