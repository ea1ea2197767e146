#include "tests/oracle/query_generator.h"

#include <algorithm>
#include <functional>

#include "tests/oracle/expression_generator.h"

namespace lynxdb::oracle {
namespace {

const std::vector<std::string> kEventFields = {
    "n",     "level", "status", "ms",   "user",  "mix",    "tags", "flag",   "obj.k",
    "obj.v", "msg",   "ip",     "host", "level", "status", "ms",   "source", "index"};
// Fields that hold one value: keys of commands for which a list is no useful key.
const std::vector<std::string> kSingle = {"level", "status", "user", "mix",
                                          "flag",  "obj.k",  "host", "n"};

class QueryGenerator {
 public:
  explicit QueryGenerator(Random& random) : random_(random), expressions_(random) {}

  std::string query() {
    std::string prefix;
    std::string start;
    Scope scope{kEventFields, true};
    if (random_.chance(6)) {
      Scope inner = scope;
      prefix = "$c = FROM main" + commands(inner, 1 + random_.below(2), false) + "; ";
      start = "FROM $c";
      scope = inner;
    } else if (random_.chance(4)) {
      Scope a = scope;
      Scope b = scope;
      start = "| multisearch [search " + expressions_.search(scope, 1) +
              commands(a, random_.below(2), false) + "] [search " + expressions_.search(scope, 1) +
              commands(b, random_.below(2), false) + "]";
      scope.events = a.events && b.events;
      scope.fields = both(a, b);
    } else {
      start = random_.chance(40)   ? "search " + expressions_.search(scope, 2)
              : random_.chance(30) ? "FROM main WHERE " + expressions_.condition(scope, 1)
                                   : "FROM main";
    }
    return prefix + start + commands(scope, 1 + random_.below(5), true);
  }

 private:
  using Command = std::string (QueryGenerator::*)(Scope&);

  std::string commands(Scope& scope, std::size_t count, bool subsearches) {
    static const std::vector<std::pair<int, Command>> kCommands = {
        {12, &QueryGenerator::where},      {12, &QueryGenerator::eval},
        {5, &QueryGenerator::search},      {6, &QueryGenerator::fields},
        {4, &QueryGenerator::rename},      {5, &QueryGenerator::head_or_tail},
        {9, &QueryGenerator::sort},        {6, &QueryGenerator::dedup},
        {14, &QueryGenerator::stats},      {6, &QueryGenerator::timechart},
        {5, &QueryGenerator::bin},         {6, &QueryGenerator::top},
        {5, &QueryGenerator::rex},         {6, &QueryGenerator::eventstats},
        {6, &QueryGenerator::streamstats}, {5, &QueryGenerator::fillnull},
        {5, &QueryGenerator::transaction}, {4, &QueryGenerator::xyseries},
        {3, &QueryGenerator::reverse},     {3, &QueryGenerator::unroll},
        {3, &QueryGenerator::regex}};
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      if (subsearches && random_.chance(8)) {
        text += " | " + (random_.chance(50) ? join(scope) : append(scope));
        continue;
      }
      std::size_t total = 0;
      for (const auto& [weight, command] : kCommands) total += static_cast<std::size_t>(weight);
      std::size_t choice = random_.below(total);
      for (const auto& [weight, command] : kCommands) {
        if (choice < static_cast<std::size_t>(weight)) {
          const std::string one = (this->*command)(scope);
          if (!one.empty()) text += " | " + one;
          break;
        }
        choice -= static_cast<std::size_t>(weight);
      }
    }
    return text;
  }

  // --- Rows
  // ----------------------------------------------------------------------------------------

  std::string where(Scope& scope) { return "where " + expressions_.condition(scope, 2); }
  std::string search(Scope& scope) { return "search " + expressions_.search(scope, 1); }
  std::string regex(Scope& scope) {
    return "regex " + expressions_.field(scope) + random_.pick({"=", "!="}) +
           random_.pick({"\"^[a-m]\"", "\"\\d\"", "\"o\""});
  }
  std::string reverse(Scope&) { return "reverse"; }
  std::string unroll(Scope& scope) { return has(scope, "tags") ? "unroll tags" : ""; }
  std::string eval(Scope& scope) {
    std::string text = "eval ";
    const std::size_t count = 1 + random_.below(2);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name =
          random_.chance(75) ? "e" + std::to_string(++names_) : random_.pick({"msg", "ms", "zz"});
      const std::string expression =
          random_.chance(25) ? expressions_.condition(scope, 2) : expressions_.any(scope, 3);
      text += (i > 0 ? ", " : "") + name + "=" + expression;
      add(scope, name);
    }
    return text;
  }
  std::string fields(Scope& scope) {
    if (random_.chance(30)) {
      const std::string removed = expressions_.field(scope);
      std::erase(scope.fields, removed);
      return "fields - " + removed;
    }
    if (random_.chance(10) && has(scope, "obj.k")) {
      scope = {{"obj.k", "obj.v", "level"}, false};
      return "fields obj*, level";
    }
    const std::vector<std::string> kept = some(scope.fields, 4);
    scope = {kept, false, scope.lists};
    return random_.pick({"fields ", "table "}) + list(kept);
  }
  std::string rename(Scope& scope) {
    const std::vector<std::string> from = some(scope.fields, 2);
    if (from.size() == 2 && random_.chance(50))
      return "rename " + from[0] + " AS " + from[1] + ", " + from[1] + " AS " + from[0];
    const std::string to = random_.chance(70) ? "r" + std::to_string(++names_) : "msg";
    if (from[0] == to) return "";
    std::erase(scope.fields, from[0]);
    add(scope, to);
    return "rename " + from[0] + " AS " + to;
  }
  std::string head_or_tail(Scope&) {
    return random_.pick({"head", "tail", "limit"}) + " " + std::to_string(random_.below(12));
  }
  std::string sort(Scope& scope) {
    std::string text = "sort ";
    const std::vector<std::string> keys = some(scope.fields, 2);
    for (std::size_t i = 0; i < keys.size(); ++i)
      text += (i > 0 ? ", " : "") + random_.pick({"", "-", "+"}) + keys[i];
    return text + (random_.chance(30) ? " | head " + std::to_string(1 + random_.below(8)) : "");
  }
  std::string dedup(Scope& scope) {
    return "dedup " + random_.pick({"", "2 "}) + list(some(singles(scope), 2));
  }
  std::string bin(Scope& scope) {
    if (scope.events && random_.chance(50))
      return "bin _time span=" + random_.pick({"5m", "1h", "30s", "1d"});
    const std::string field = has(scope, "ms") && random_.chance(70) ? "ms" : "status";
    if (random_.chance(50))
      return "bin " + field + " span=" + random_.pick({"10", "100", "7", "0.5"});
    const std::string name = "b" + std::to_string(++names_);
    add(scope, name);
    return "bin " + field + " span=10 AS " + name;
  }
  std::string rex(Scope& scope) {
    const std::string field = has(scope, "msg") ? "msg" : "user";
    add(scope, "word");
    return "rex field=" + field + " " +
           random_.pick({"\"(?<word>[a-z]+)\"", "\"user=(?P<word>\\w+) took (?<user>\\d+)\"",
                         "\"(?<word>\\d+)$\""});
  }
  std::string fillnull(Scope& scope) {
    const std::string value =
        random_.pick({"", "value=0 ", "value=\"-\" ", "value=1.5 ", "value=none "});
    return "fillnull " + value + (random_.chance(30) ? "" : list(some(scope.fields, 2)));
  }

  // --- Groups
  // --------------------------------------------------------------------------------------

  std::string stats(Scope& scope) {
    std::vector<std::string> outputs;
    const std::string aggregates = expressions_.aggregates(scope, outputs);
    std::string by;
    if (random_.chance(75)) {
      const std::vector<std::string> keys = some(scope.fields, 2);
      by = " by " + list(keys);
      if (scope.events && random_.chance(15)) {
        by += ", time_bucket(_time, \"10m\") AS t";
        outputs.emplace_back("t");
      }
      outputs.insert(outputs.begin(), keys.begin(), keys.end());
    }
    scope = {outputs, false};
    return "stats " + aggregates + by;
  }
  std::string eventstats(Scope& scope) { return adding("eventstats ", scope); }
  std::string streamstats(Scope& scope) {
    return adding("streamstats " + random_.pick({"", "", "window=2 ", "window=3 ", "current=false ",
                                                 "window=2 current=false "}),
                  scope);
  }
  std::string adding(const std::string& command, Scope& scope) {
    std::vector<std::string> outputs;
    const std::string aggregates = expressions_.aggregates(scope, outputs);
    const std::string by = random_.chance(60) ? " by " + list(some(singles(scope), 2)) : "";
    for (const std::string& output : outputs) add(scope, output);
    return command + aggregates + by;
  }
  std::string timechart(Scope& scope) {
    if (!scope.events) return "";
    std::vector<std::string> outputs;
    const std::string span = random_.pick({"", "span=10m ", "span=1h ", "span=30m "});
    const std::string options = random_.pick({"", "", "limit=2 ", "limit=1 useother=false ",
                                              "usenull=false ", "cont=false ", "format=long "});
    const std::string aggregates = expressions_.aggregates(scope, outputs, true);
    const bool by = random_.chance(60);
    const std::string key =
        random_.pick(std::vector<std::string>{"level", "status", "user", "tags", "flag", "nosuch"});
    const bool wide = by && options != "format=long ";
    if (wide) outputs.clear();  // Columns are named by values.
    outputs.emplace_back("_time");
    if (by && !wide) outputs.push_back(key);
    scope = {outputs, false};
    return "timechart " + span + options + aggregates + (by ? " by " + key : "");
  }
  std::string top(Scope& scope) {
    std::vector<std::string> keys = some(singles(scope), 2);
    if (scope.lists) return "";
    // Bools and text of one text form: no order of groups is defined.
    if (keys.size() > 1 && (keys[1] == "flag" || keys[1] == "mix")) keys.pop_back();
    if (std::find(keys.begin(), keys.end(), "count") != keys.end() ||
        std::find(keys.begin(), keys.end(), "percent") != keys.end())
      return "";
    const std::string count = random_.pick({"", "1 ", "2 ", "limit=3 "});
    scope = {keys, false};
    add(scope, "count");
    return random_.pick({"top ", "rare "}) + count + keys[0] +
           (keys.size() > 1 ? " by " + keys[1] : "");
  }
  std::string xyseries(Scope& scope) {
    const std::vector<std::string> keys = some(singles(scope), 3);
    if (keys.size() < 3 || scope.lists) return "";
    const std::string text = "xyseries " + keys[0] + " " + keys[1] + " " + keys[2];
    scope = {{keys[0]}, false};
    return text;
  }
  std::string transaction(Scope& scope) {
    if (!scope.events) return "";
    std::string text = "transaction " + list(some(singles(scope), 2));
    text += random_.pick({"", "", " maxspan=10m", " maxpause=2m", " maxevents=3"});
    text += random_.pick({"", "", " startswith=\"error\"", " startswith=(level=info)",
                          " startswith=eval(status>=500)"});
    text += random_.pick(
        {"", "", " endswith=\"done\"", " endswith=(status=200)", " endswith=eval(ms>30)"});
    scope = {{"_time", "duration", "eventcount", "closed", "level", "ms", "status"}, false, true};
    return text;
  }

  // --- Several inputs
  // --------------------------------------------------------------------------------

  std::string join(Scope& scope) {
    const std::vector<std::string> keys = some(singles(scope), 1);
    if (std::find(kSingle.begin(), kSingle.end(), keys[0]) == kSingle.end()) return "reverse";
    const std::string type =
        random_.pick({"", "type=inner ", "type=left ", "type=outer ", "type=full "});
    std::string sub;
    switch (random_.below(3)) {
      case 0:
        sub = "stats count AS c, max(ms) AS m by " + keys[0];
        break;
      case 1:
        sub = "dedup " + keys[0] + " | table " + keys[0] + ", ms, obj.k";
        break;
      default:
        sub = "head 5 | table " + keys[0] + ", n, status";
        break;
    }
    add(scope, "c");
    scope.events =
        scope.events && type != "type=full ";  // Rows of the right side may have no time.
    return "join " + type + keys[0] + " [" + sub + "]";
  }
  std::string append(Scope& scope) {
    Scope inner{kEventFields, true};
    const std::string text = "append [search " + expressions_.search(inner, 1) +
                             commands(inner, random_.below(3), false) + "]";
    scope.events = scope.events && inner.events;
    scope.lists = scope.lists || inner.lists;
    return text;
  }

  // --- Names
  // -----------------------------------------------------------------------------------------

  static bool has(const Scope& scope, const std::string& field) {
    return std::find(scope.fields.begin(), scope.fields.end(), field) != scope.fields.end();
  }
  static void add(Scope& scope, const std::string& field) {
    if (!has(scope, field)) scope.fields.push_back(field);
  }
  static std::vector<std::string> both(const Scope& a, const Scope& b) {
    std::vector<std::string> result = a.fields;
    result.insert(result.end(), b.fields.begin(), b.fields.end());
    return result;
  }
  // Without lists.
  static std::vector<std::string> singles(const Scope& scope) {
    std::vector<std::string> result;
    for (const std::string& field : scope.fields)
      if (std::find(kSingle.begin(), kSingle.end(), field) != kSingle.end() || field == "count")
        result.push_back(field);
    return result.empty() ? std::vector<std::string>{"level"} : result;
  }
  // One to `most` different ones.
  std::vector<std::string> some(const std::vector<std::string>& from, std::size_t most) {
    std::vector<std::string> result;
    const std::size_t count = 1 + random_.below(most);
    for (std::size_t i = 0; i < 2 * count && result.size() < count; ++i) {
      const std::string name = from.empty() ? "nosuch" : random_.pick(from);
      if (std::find(result.begin(), result.end(), name) == result.end()) result.push_back(name);
    }
    return result;
  }
  static std::string list(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  Random& random_;
  ExpressionGenerator expressions_;
  int names_ = 0;
};

}  // namespace

std::string generate_query(Random& random) { return QueryGenerator(random).query(); }

}  // namespace lynxdb::oracle
