// Which fields a pipeline reads: walked backwards, so that sources deliver no more than is used.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "spl2/ast.h"

namespace lynxdb::query {

// A set of field names as the query writes them, or all fields.
class FieldSet {
 public:
  static FieldSet everything() {
    FieldSet set;
    set.all_ = true;
    return set;
  }

  bool all() const { return all_; }
  const std::set<std::string>& names() const { return names_; }
  void add(std::string_view name) {
    if (!all_) names_.emplace(name);
  }
  void add(const FieldSet& other);
  void add_all() {
    all_ = true;
    names_.clear();
  }
  void erase(const std::string& name) { names_.erase(name); }
  // Reading some name of the set may read the stored field `stored` (aliases, paths into JSON
  // text).
  bool may_read(std::string_view stored) const;

 private:
  bool all_ = false;
  std::set<std::string> names_;
};

FieldSet fields_of(const spl2::Expr& expr);
FieldSet fields_of(const spl2::SearchExpr& expr);  // With `_raw` when it searches text.

// The fields that `command` must get so that those in `needed` come out right behind it. May name
// more than is read, never less.
FieldSet fields_before(const spl2::Command& command, FieldSet needed);

}  // namespace lynxdb::query
