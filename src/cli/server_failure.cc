#include "cli/server_failure.h"

#include <algorithm>

#include "spl2/parser.h"

namespace lynxdb::cli {
namespace {

bool show_in_query(const Console& console, const client::ServerError& error,
                   std::string_view query) {
  if (!error.position || *error.position > query.size() || query.empty()) return false;
  spl2::ParseError shown;
  shown.span.offset = static_cast<std::uint32_t>(*error.position);
  shown.span.length =
      static_cast<std::uint32_t>(std::min(error.length, query.size() - *error.position));
  shown.message = error.message;
  shown.suggestion = error.suggestion;
  console.print(spl2::render_error(query, shown));
  return true;
}

ExitCode exit_code_of_refusal(client::Refusal refusal) {
  switch (refusal) {
    case client::Refusal::kQuery:
      return kExitQuery;
    case client::Refusal::kRequest:
      return kExitUsage;
    case client::Refusal::kTimeout:
      return kExitTimeout;
    case client::Refusal::kAccess:
      return kExitAccess;
    case client::Refusal::kBusy:
    case client::Refusal::kOther:
      break;
  }
  return kExitFailure;
}

}  // namespace

ExitCode report_failure(const Console& console, const Error& error) {
  console.error(error);
  switch (error.code) {
    case ErrorCode::kUnavailable:
      return kExitUnreachable;
    case ErrorCode::kTimeout:
      return kExitOtherTimeout;
    case ErrorCode::kCancelled:
      return kExitInterrupted;
    case ErrorCode::kInvalidArgument:
      return kExitUsage;
    default:
      return kExitFailure;
  }
}

ExitCode report_refusal(const Console& console, const client::ServerError& error,
                        std::string_view query) {
  const client::Refusal refusal = client::refusal_of(error);
  const bool shown = refusal == client::Refusal::kQuery && show_in_query(console, error, query);
  std::string_view suggestion = error.suggestion;
  if (suggestion.empty() && refusal == client::Refusal::kAccess)
    suggestion = "a key is given with --token, LYNXDB_TOKEN, or the token of a profile";
  if (!shown) console.error(error.message, suggestion);
  return exit_code_of_refusal(refusal);
}

}  // namespace lynxdb::cli
