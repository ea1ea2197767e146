// The oracle's rows: fields in order, with the names that the pipeline mentioned.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/oracle/value.h"

namespace lynxdb::oracle {

struct Field {
  std::string name;
  Value value;
  bool named = false;  // Printed even when null (1.8).
};

struct Row {
  std::vector<Field> fields;
  // Fields print as they stand; else built-in fields first, then by name.
  bool ordered = false;

  const Field* find(std::string_view name) const;
  // The value of a field as an expression reads it (1.1): of exactly that name, else the alias's.
  Value read(std::string_view name) const;
  // The name under which it is stored: the alias's target if there is no field of exactly that
  // name.
  std::string stored_name(const std::string& name) const;
  // Sets and names a field; a new one comes last.
  void set(const std::string& name, Value value);
  // Names a field: it prints as null if it is absent.
  void name(const std::string& field);
  void remove(std::string_view name);
};

using Rows = std::vector<Row>;

// Sorts so that equal ones keep their order: each goes behind those that it does not precede.
template <typename T, typename Precedes>
std::vector<T> sorted(const std::vector<T>& items, const Precedes& precedes) {
  std::vector<T> result;
  for (const T& item : items)
    result.insert(std::upper_bound(result.begin(), result.end(), item, precedes), item);
  return result;
}

// One line of NDJSON.
std::string print(const Row& row);

}  // namespace lynxdb::oracle
