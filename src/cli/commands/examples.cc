// lynxdb examples: queries to start from.
#include "cli/command.h"
#include "cli/exit_code.h"

namespace lynxdb::cli {
namespace {

constexpr std::string_view kExamples =
    R"(Look at a file
  lynxdb sample --file app.log
  lynxdb fields --file app.log
  lynxdb count --file 'logs/*.log' 'level=error'

Search (words match anywhere in the text, whatever their case; * is any run of characters)
  lynxdb query -f app.log 'connection refused'
  lynxdb query -f app.log 'level=error host=web-* NOT timeout'
  lynxdb query -f access.log 'status>=500 | fields _time, client_ip, uri, status'

Count and group
  lynxdb query -f access.log '| stats count by status'
  lynxdb query -f access.log '| stats count, avg(bytes), p99(bytes) by method, status'
  lynxdb query -f access.log '| top 5 uri'
  lynxdb query -f access.log '| rare 5 user_agent'

Over time
  lynxdb query -f access.log '| timechart span=5m count by status'
  lynxdb query -f app.log --since 1h 'level=error | timechart span=1m count'

Compute
  lynxdb query -f access.log '| eval kb = round(bytes / 1024, 1) | sort -kb | head 10 | table uri, kb'
  lynxdb query -f access.log '| stats count(eval(status>=500)) AS errors, count AS total by host
      | eval percent = round(errors / total * 100, 2) | sort -percent'
  lynxdb query -f app.log '| rex "took (?<ms>\d+) ms" | where tonumber(ms) > 100'

Combine
  lynxdb query -f app.log '| transaction session_id maxpause=5m | where duration > 60'
  lynxdb query -f app.log 'level=error | join user_id [search event=login | fields user_id, country]'

In a pipe
  kubectl logs my-pod | lynxdb 'level=error'
  journalctl -o json | lynxdb '| stats count by _SYSTEMD_UNIT | sort -count'
  lynxdb query -f app.log -F csv -o errors.csv 'level=error | table _time, host, message'
  lynxdb query -f app.log --fail-on-empty 'deploy finished' && echo deployed
)";

void declare_flags(FlagSet& /*flags*/, Arguments& /*arguments*/) {}

int run(const Session& session) {
  if (!session.arguments.positionals.empty())
    return wrong_arguments(session, kExamplesCommand, "examples takes no arguments");
  return print_data(session.console, kExamples) ? kExitOk : kExitFailure;
}

}  // namespace

const Command kExamplesCommand = {"examples",    "cookbook", "",   "show queries to start from",
                                  declare_flags, run,        false};

}  // namespace lynxdb::cli
