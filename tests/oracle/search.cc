#include "tests/oracle/search.h"

#include <algorithm>

namespace lynxdb::oracle {
namespace {

using spl2::Op;
using spl2::SearchKind;

// The pieces between stars, one after the other; `anchored`: from the first to the last byte.
bool glob(std::string text, std::vector<std::string> pieces, bool anchored) {
  text = lower_case(text);
  for (std::string& piece : pieces) piece = lower_case(piece);
  if (pieces.size() == 1)
    return anchored ? text == pieces[0] : text.find(pieces[0]) != std::string::npos;
  std::size_t end = text.size();
  if (anchored) {
    const std::string& last = pieces.back();
    if (!text.starts_with(pieces.front()) || !text.ends_with(last)) return false;
    if (text.size() < pieces.front().size() + last.size()) return false;
    end -= last.size();
  }
  std::size_t begin = anchored ? pieces.front().size() : 0;
  const std::size_t first = anchored ? 1 : 0;
  const std::size_t behind = anchored ? pieces.size() - 1 : pieces.size();
  for (std::size_t i = first; i < behind; ++i) {
    const std::size_t found = text.find(pieces[i], begin);
    if (found == std::string::npos || found + pieces[i].size() > end) return false;
    begin = found + pieces[i].size();
  }
  return true;
}

bool equals(const Value& element, const spl2::SearchPattern& pattern) {
  if (glob(text_form(element), pattern.pieces, true)) return true;
  if (!element.is_number() || pattern.has_wildcard()) return false;
  const Value number = parse_number(pattern.text);
  return !number.is_null() && compare(Comparison::kEq, element, number).value_or(false);
}

bool any_equals(const Value& v, const std::vector<spl2::SearchPattern>& patterns) {
  for (const Value& element : elements(v))
    for (const spl2::SearchPattern& pattern : patterns)
      if (equals(element, pattern)) return true;
  return false;
}

// By value if both are numbers, by time for timestamps, else case-folded text.
bool ordered(const Value& element, Op op, const spl2::SearchPattern& pattern) {
  const Comparison comparison = op == Op::kLt   ? Comparison::kLt
                                : op == Op::kLe ? Comparison::kLe
                                : op == Op::kGt ? Comparison::kGt
                                                : Comparison::kGe;
  if (element.kind == Kind::kTime) {
    const Value epoch = parse_number(pattern.text);
    return compare(comparison, element, epoch.is_null() ? Value::of_string(pattern.text) : epoch)
        .value_or(false);
  }
  const Value x = as_number(element);
  const Value y = parse_number(pattern.text);
  if (!x.is_null() && !y.is_null()) return *compare(comparison, x, y);
  const int order = lower_case(text_form(element)).compare(lower_case(pattern.text));
  switch (comparison) {
    case Comparison::kLt:
      return order < 0;
    case Comparison::kLe:
      return order <= 0;
    case Comparison::kGt:
      return order > 0;
    default:
      return order >= 0;
  }
}

bool compare_field(const spl2::SearchExpr& search, const Value& v) {
  if (v.is_null()) return false;
  if (search.op == Op::kEq) return any_equals(v, search.values);
  if (search.op == Op::kNe) return !any_equals(v, search.values);
  for (const Value& element : elements(v))
    if (ordered(element, search.op, search.values[0])) return true;
  return false;
}

}  // namespace

bool matches(const spl2::SearchExpr& search, const Row& row) {
  switch (search.kind) {
    case SearchKind::kAll:
      return true;
    case SearchKind::kAnd:
      return std::all_of(search.args.begin(), search.args.end(),
                         [&](const auto& arg) { return matches(*arg, row); });
    case SearchKind::kOr:
      return std::any_of(search.args.begin(), search.args.end(),
                         [&](const auto& arg) { return matches(*arg, row); });
    case SearchKind::kNot:
      return !matches(*search.args[0], row);
    case SearchKind::kText: {
      const Value raw = row.read("_raw");
      return !raw.is_null() && glob(text_form(raw), search.values[0].pieces, false);
    }
    case SearchKind::kCompare:
      return compare_field(search, row.read(search.field));
    case SearchKind::kIn: {
      const Value v = row.read(search.field);
      return !v.is_null() && any_equals(v, search.values) != search.negated;
    }
    case SearchKind::kLike: {
      const Value v = row.read(search.field);
      bool found = false;
      for (const Value& element : elements(v))
        found = found || like(text_form(element), search.values[0].text, true);
      return !v.is_null() && found != search.negated;
    }
    case SearchKind::kTerm:
    case SearchKind::kCase:
      break;  // Not generated.
  }
  return false;
}

}  // namespace lynxdb::oracle
