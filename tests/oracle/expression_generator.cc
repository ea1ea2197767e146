#include "tests/oracle/expression_generator.h"

#include <algorithm>

namespace lynxdb::oracle {

std::string ExpressionGenerator::field(const Scope& scope) {
  return scope.fields.empty() || random_.chance(4) ? "nosuch" : random_.pick(scope.fields);
}

std::string ExpressionGenerator::literal() {
  return random_.pick({"0",       "1",        "2",         "-1",       "1.5",     "200",
                       "500",     "10",       "true",      "false",    "null",    "\"\"",
                       "\"a\"",   "\"200\"",  "\"error\"", "\"info\"", "\"amy\"", "\"2\"",
                       "\"1e2\"", "\"true\"", "\"red\"",   "\"zoë\""});
}

std::string ExpressionGenerator::any(const Scope& scope, int depth) {
  switch (random_.below(8)) {
    case 0:
      return literal();
    case 1:
    case 2:
      return number(scope, depth);
    case 3:
      return text(scope, depth);
    case 4:
      return depth > 0 ? "if(" + condition(scope, depth - 1) + ", " + any(scope, depth - 1) + ", " +
                             any(scope, depth - 1) + ")"
                       : field(scope);
    case 5:
      return depth > 0 ? random_.pick({"coalesce", "max", "min", "mvappend", "nullif"}) + "(" +
                             any(scope, depth - 1) + ", " + any(scope, depth - 1) + ")"
                       : field(scope);
    case 6:
      return depth > 0 && random_.chance(40) ? condition(scope, depth - 1) : field(scope);
    default:
      return field(scope);
  }
}

std::string ExpressionGenerator::number(const Scope& scope, int depth) {
  if (depth <= 0)
    return random_.chance(60)
               ? field(scope)
               : random_.pick({"0", "1", "2", "3", "-1", "0.5", "2.25", "100", "1000000"});
  switch (random_.below(11)) {
    case 9:
      return random_.pick({"exp", "ln", "log", "ceiling"}) + "(" + number(scope, depth - 1) + ")";
    case 10:
      return scope.events && random_.chance(50)
                 ? random_.pick(
                       {"(_time - now())", "(_time + 90)", "(_time - 0.5)", "(_time - _time)"})
                 : "pow(" + number(scope, depth - 1) + ", " + random_.pick({"2", "0.5", "0"}) + ")";
    case 0:
    case 1:
    case 2:
      return "(" + number(scope, depth - 1) + random_.pick({" + ", " - ", " * ", " / ", " % "}) +
             number(scope, depth - 1) + ")";
    case 3:
      return random_.pick({"abs", "ceil", "floor", "round", "sqrt", "tonumber"}) + "(" +
             number(scope, depth - 1) + ")";
    case 4:
      return "round(" + number(scope, depth - 1) + ", " +
             random_.pick({"0", "1", "2", "-1", "-2"}) + ")";
    case 5:
      return random_.pick({"len", "mvcount"}) + "(" + any(scope, depth - 1) + ")";
    case 6:
      return "-" + field(scope);
    case 7:
      return "(" + number(scope, depth - 1) + " ?? " + number(scope, depth - 1) + ")";
    default:
      return field(scope);
  }
}

std::string ExpressionGenerator::text(const Scope& scope, int depth) {
  if (depth <= 0)
    return random_.chance(70)
               ? field(scope)
               : random_.pick({"\"a\"", "\"B\"", "\"\"", "\"x y\"", "\"5\"", "\"日本\""});
  switch (random_.below(13)) {
    case 0:
      return random_.pick({"lower", "upper", "trim", "tostring", "typeof", "ltrim", "rtrim"}) +
             "(" + any(scope, depth - 1) + ")";
    case 1:
      return "(" + text(scope, depth - 1) + " . " + text(scope, depth - 1) + ")";
    case 2:
      return "substr(" + text(scope, depth - 1) + ", " + random_.pick({"0", "1", "2", "-1", "-2"}) +
             random_.pick({"", ", 1", ", 3"}) + ")";
    case 3:
      return "replace(" + text(scope, depth - 1) + ", " +
             random_.pick({"\"[aeiou]\"", "\"o\"", "\"\\d+\""}) + ", " +
             random_.pick({"\"_\"", "\"\""}) + ")";
    case 4:
      return "split(" + text(scope, depth - 1) + ", " +
             random_.pick({"\" \"", "\"-\"", "\"\"", "\"o\""}) + ")";
    case 5:
      return "mvjoin(" + any(scope, depth - 1) + ", \"+\")";
    case 6:
      return random_.pick({"mvdedup", "mvsort"}) + "(" + any(scope, depth - 1) + ")";
    case 7:
      return "mvindex(" + any(scope, depth - 1) + ", " +
             random_.pick({"0", "1", "-1", "0, 1", "-2, -1"}) + ")";
    case 8:
      return "case(" + condition(scope, depth - 1) + ", " + text(scope, depth - 1) + ", " +
             condition(scope, depth - 1) + ", " + any(scope, depth - 1) +
             random_.pick({"", ", \"else\""}) + ")";
    case 9:
      return scope.events
                 ? "strftime(_time, " +
                       random_.pick({"\"%H:%M\"", "\"%Y-%m-%d %H:%M:%S\"", "\"%j %a %b\""}) + ")"
                 : field(scope);
    case 10:
      return scope.events ? "time_bucket(_time, " +
                                random_.pick({"\"5m\"", "\"1h\"", "\"1w\"", "\"30s\""}) + ")"
                          : field(scope);
    case 11:
      return "trim(" + text(scope, depth - 1) + ", " + random_.pick({"\"a\"", "\"rd\""}) + ")";
    default:
      return field(scope);
  }
}

std::string ExpressionGenerator::condition(const Scope& scope, int depth) {
  if (depth > 0 && random_.chance(35)) {
    switch (random_.below(4)) {
      case 0:
        return "(" + condition(scope, depth - 1) + " AND " + condition(scope, depth - 1) + ")";
      case 1:
        return "(" + condition(scope, depth - 1) + " OR " + condition(scope, depth - 1) + ")";
      case 2:
        return "NOT (" + condition(scope, depth - 1) + ")";
      default:
        return "if(" + condition(scope, depth - 1) + ", " + condition(scope, depth - 1) + ", " +
               condition(scope, depth - 1) + ")";
    }
  }
  const std::string compare = random_.pick({" = ", " != ", " < ", " <= ", " > ", " >= "});
  switch (random_.below(13)) {
    case 0:
    case 1:
      return field(scope) + compare + literal();
    case 2:
      return number(scope, depth) + compare + number(scope, depth);
    case 3:
      return text(scope, depth) + compare + text(scope, depth);
    case 4:
      return field(scope) + random_.pick({" IN (", " NOT IN ("}) + literal() + ", " + literal() +
             ", " + literal() + ")";
    case 5:
      return field(scope) + random_.pick({" BETWEEN ", " NOT BETWEEN "}) +
             random_.pick({"0", "-1", "200", "\"a\""}) + " AND " +
             random_.pick({"10", "404", "\"c\""});
    case 6:
      return field(scope) + random_.pick({" LIKE ", " NOT LIKE ", " ILIKE "}) +
             random_.pick({"\"%o%\"", "\"_n%\"", "\"2__\"", "\"error\"", "\"%\"", "\"日_\""});
    case 7:
      return field(scope) + random_.pick({" IS NULL", " IS NOT NULL"});
    case 8:
      return random_.pick({"isnull", "isnotnull", "isnum", "isint", "isstr", "isbool", "ismv"}) +
             "(" + any(scope, depth) + ")";
    case 9:
      return random_.pick({"startswith", "endswith", "contains"}) + "(" + text(scope, depth) +
             ", " + random_.pick({"\"e\"", "\"in\"", "\"0\"", "\"\""}) + ")";
    case 10:
      return "match(" + text(scope, depth) + ", " +
             random_.pick({"\"^[a-m]\"", "\"\\d\"", "\"o+\"", "\"^$\""}) + ")";
    case 11:
      return random_.chance(50) && scope.events
                 ? "_time" + compare +
                       random_.pick({"\"2026-01-15T10:10:00Z\"", "\"2026-01-15 10:05:00\"",
                                     "1768471500", "1768473000.5", "\"no time\""})
                 : "cidrmatch(\"10.0.0.0/8\", " + field(scope) + ")";
    default:
      return any(scope, depth);
  }
}

// A field as searches write it: no aggregate's text, no time, and no index, which would be FROM.
std::string ExpressionGenerator::plain_field(const Scope& scope) {
  const std::string name = field(scope);
  return name.find('(') == std::string::npos && name != "_time" && name != "index" ? name : "level";
}

std::string ExpressionGenerator::search_term(const Scope& scope) {
  const std::string name = plain_field(scope);
  const std::string value =
      random_.pick({"200", "5*", "error", "*o*", "\"amy\"", "info", "inf*", "2", "true", "\"\"",
                    "zo*", "red", "1.50", "*", "web-1", "\"a b\"", "0.1"});
  switch (random_.below(scope.events ? 9U : 6U)) {
    case 8:
      return random_.pick({"source=test*", "sourcetype=json", "index!=main",
                           "_time>2026-01-15T10:10:00Z", "_time<=1768471500", "_source=*.log"});
    case 0:
    case 1:
      return name + "=" + value;
    case 2:
      return name + "!=" + value;
    case 3:
      return name + random_.pick({"<", "<=", ">", ">="}) +
             random_.pick({"200", "2", "10.5", "bob", "info", "-1"});
    case 4:
      return name + random_.pick({" IN (", " NOT IN ("}) + value + ", " +
             random_.pick({"500", "warn", "b*", "\"x1\""}) + ")";
    case 5:
      return name + random_.pick({" LIKE ", " NOT LIKE "}) +
             random_.pick({"\"%O%\"", "\"_n%\"", "\"50_\""});
    case 6:
      return random_.pick({"error", "amy", "ref*d", "\"connection re\"", "took", "ZOË", "nothing",
                           "*", "10*ms", "disk*100%"});
    default:
      return random_.pick({"\"user=amy\"", "api", "status", "\"status\\\":500\"", "日本"});
  }
}

std::string ExpressionGenerator::search(const Scope& scope, int depth) {
  if (depth <= 0 || random_.chance(50))
    return (random_.chance(20) ? "NOT " : "") + search_term(scope);
  return "(" + search(scope, depth - 1) + random_.pick({" AND ", " OR ", " "}) +
         search(scope, depth - 1) + ")";
}

std::string ExpressionGenerator::aggregate(const Scope& scope, bool additive) {
  if (random_.chance(20)) return "count";
  if (random_.chance(15)) return "count(" + field(scope) + ")";
  if (random_.chance(10)) return "count(eval(" + condition(scope, 1) + "))";
  const std::string argument = random_.chance(75) ? field(scope) : number(scope, 1);
  if (additive) return random_.pick({"sum", "avg", "min", "max", "p50"}) + "(" + argument + ")";
  return random_.pick({"sum",  "avg",    "min",    "max",      "dc",     "values",
                       "list", "stdev",  "stdevp", "var",      "varp",   "p50",
                       "p90",  "perc25", "median", "earliest", "latest", "first",
                       "last", "mode",   "range",  "sumsq",    "mean",   "distinct_count"}) +
         "(" + argument + ")";
}

namespace {

// Such text is the name of the column, and stands for it later in the pipeline.
bool is_call_of_field(const std::string& text) {
  return text.ends_with(")") && text.find_first_of(" \"-") == std::string::npos &&
         std::count(text.begin(), text.end(), '(') == 1;
}

}  // namespace

std::string ExpressionGenerator::aggregates(const Scope& scope, std::vector<std::string>& outputs,
                                            bool additive) {
  std::string result;
  const std::size_t count = 1 + random_.below(3);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text = aggregate(scope, additive);
    // Two columns of one name are an error.
    const bool plain =
        text == "count" && std::find(outputs.begin(), outputs.end(), text) == outputs.end() &&
        std::find(scope.fields.begin(), scope.fields.end(), text) == scope.fields.end();
    const bool own_name =
        plain || (is_call_of_field(text) && random_.chance(30) &&
                  std::find(outputs.begin(), outputs.end(), text) == outputs.end() &&
                  std::find(scope.fields.begin(), scope.fields.end(), text) == scope.fields.end());
    const std::string name = own_name ? text : "a" + std::to_string(++names_);
    result += (i > 0 ? ", " : "") + text + (own_name ? "" : " AS " + name);
    outputs.push_back(name);
  }
  return result;
}

}  // namespace lynxdb::oracle
