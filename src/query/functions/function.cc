#include "query/functions/function.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace lynxdb::query {
namespace {

using Table = std::unordered_map<std::string_view, const Function*>;

Table make_table() {
  Table table;
  for (const std::span<const Function> family :
       {conditional_functions(), conversion_functions(), text_functions(), regex_functions(),
        math_functions(), time_functions(), multivalue_functions(), json_functions(),
        network_functions()})
    for (const Function& function : family) table.emplace(function.name, &function);
  return table;
}

const Table& table() {
  static const Table instance = make_table();
  return instance;
}

}  // namespace

const Function* find_function(std::string_view name) {
  const auto place = table().find(name);
  return place == table().end() ? nullptr : place->second;
}

std::vector<std::string_view> scalar_function_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, function] : table()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace lynxdb::query
