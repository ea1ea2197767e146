#include "tests/oracle/row.h"

namespace lynxdb::oracle {
namespace {

std::string_view alias_target(std::string_view name) {
  if (name == "_timestamp") return "_time";
  if (name == "source") return "_source";
  if (name == "sourcetype") return "_sourcetype";
  if (name == "index") return "_index";
  return "";
}

std::size_t builtin_rank(std::string_view name) {
  static const std::vector<std::string> kBuiltins = {"_time",       "_raw",   "_id", "_source",
                                                     "_sourcetype", "_index", "host"};
  return static_cast<std::size_t>(std::find(kBuiltins.begin(), kBuiltins.end(), name) -
                                  kBuiltins.begin());
}

}  // namespace

const Field* Row::find(std::string_view name) const {
  for (const Field& field : fields)
    if (field.name == name) return &field;
  return nullptr;
}

Value Row::read(std::string_view name) const {
  if (const Field* field = find(name); field != nullptr && !field->value.is_null())
    return field->value;
  const std::string_view target = alias_target(name);
  const Field* field = target.empty() ? nullptr : find(target);
  return field == nullptr ? Value() : field->value;
}

std::string Row::stored_name(const std::string& name) const {
  const std::string target(alias_target(name));
  return find(name) == nullptr && !target.empty() && find(target) != nullptr ? target : name;
}

void Row::set(const std::string& name, Value value) {
  for (Field& field : fields)
    if (field.name == name) {
      field.value = std::move(value);
      field.named = true;
      return;
    }
  fields.push_back({name, std::move(value), true});
}

void Row::name(const std::string& field_name) {
  for (Field& field : fields)
    if (field.name == field_name) {
      field.named = true;
      return;
    }
  fields.push_back({field_name, Value(), true});
}

void Row::remove(std::string_view name) {
  std::erase_if(fields, [&](const Field& field) { return field.name == name; });
}

std::string print(const Row& row) {
  std::vector<Field> fields = row.fields;
  if (!row.ordered)
    fields = sorted(fields, [](const Field& a, const Field& b) {
      const std::size_t rank_a = builtin_rank(a.name);
      const std::size_t rank_b = builtin_rank(b.name);
      return rank_a != rank_b ? rank_a < rank_b : a.name < b.name;
    });
  std::string line = "{";
  for (const Field& field : fields) {
    if (field.value.is_null() && !field.named) continue;
    if (line.size() > 1) line += ',';
    line += json_string(field.name) + ":" + json_form(field.value);
  }
  return line + "}";
}

}  // namespace lynxdb::oracle
