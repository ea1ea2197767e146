// One short request to a server, for commands that show what it answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/run_query.h"
#include "cli/session.h"
#include "client/http_client.h"

namespace lynxdb::cli {

// What came of a call: the answer's `data`, or the exit code of a failure that was reported.
struct CallOutcome {
  std::optional<std::string> data;  // JSON text without spaces.
  int exit_code = 0;
};

// GET `path`. Errors in the query are shown in `query`. --timeout, else half a minute, ends it.
CallOutcome get_from_server(const Session& session, const std::string& path,
                            std::string_view query = "");

// `method` with a JSON `body` ("": none), as get_from_server.
CallOutcome ask_server(const Session& session, std::string_view method, const std::string& path,
                       std::string_view body = "");

// The JSON text of what stands below `name` in the object, or nullopt.
std::optional<std::string> json_member(std::string_view object, std::string_view name);
// The text of the string below `name`; "" when there is none.
std::string json_string_member(std::string_view object, std::string_view name);
// The JSON text of each element; empty when `json` is no array.
std::vector<std::string> json_elements(std::string_view json);

// JSON as indented `name: value` lines, for people.
std::string json_outline(std::string_view json);

// An object on standard output: lines for people on a terminal, one JSON line otherwise; other
// formats as one row with dotted names. Gives the exit code.
int print_object(const Session& session, const std::string& json);
// Objects as rows, in the format that was asked for. Gives the exit code.
int print_rows(const Session& session, const std::vector<std::string>& rows,
               const MakeWriter& make = output::make_writer);

}  // namespace lynxdb::cli
