#include "cli/server_target.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "cli/build_info.h"
#include "client/address.h"
#include "config/setting_keys.h"

namespace lynxdb::cli {
namespace {

// Set and not empty.
std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

Error no_such_profile(const Session& session, const std::string& name, const std::string& origin) {
  std::string known;
  for (const auto& [key, value] : session.settings.all())
    if (key.starts_with("profiles.") && key.ends_with(".url"))
      known += (known.empty() ? "" : ", ") + key.substr(9, key.size() - 9 - 4);
  return {ErrorCode::kInvalidArgument, origin + ": no profile '" + name + "' with a url",
          known.empty() ? "the configuration file names servers as profiles.NAME.url"
                        : "known profiles: " + known};
}

Result<ServerTarget> of_profile(const Session& session, const std::string& name,
                                const std::string& origin) {
  const config::Settings::Value* url = session.settings.find("profiles." + name + ".url");
  if (url == nullptr) return no_such_profile(session, name, origin);
  auto servers = client::parse_servers(url->text);
  if (!servers.has_value()) return std::move(servers.error()).in(url->origin);
  return ServerTarget{.servers = *std::move(servers),
                      .token = session.settings.text("profiles." + name + ".token", ""),
                      .origin = origin};
}

Result<ServerTarget> of_list(const std::string& list, const std::string& origin) {
  auto servers = client::parse_servers(list);
  if (!servers.has_value()) return std::move(servers.error()).in(origin);
  return ServerTarget{.servers = *std::move(servers), .token = "", .origin = origin};
}

Result<ServerTarget> named_server(const Session& session) {
  const Arguments& arguments = session.arguments;
  if (arguments.server && arguments.profile)
    return Error{ErrorCode::kInvalidArgument, "--server excludes --profile"};
  if (arguments.server) return of_list(*arguments.server, "--server");
  if (arguments.profile) return of_profile(session, *arguments.profile, "--profile");
  if (const auto list = environment("LYNXDB_SERVER")) return of_list(*list, "LYNXDB_SERVER");
  if (const auto name = environment("LYNXDB_PROFILE"))
    return of_profile(session, *name, "LYNXDB_PROFILE");
  if (const auto* list = session.settings.find("server")) return of_list(list->text, list->origin);
  if (const auto* name = session.settings.find("profile"))
    return of_profile(session, name->text, name->origin);
  return of_list(std::string(kDefaultServer), "");
}

Result<> check_token(const std::string& token, const std::string& origin) {
  const bool plain = std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f; });
  if (plain) return {};
  return Error{ErrorCode::kInvalidArgument, origin + " holds characters that no key has"};
}

Result<bool> skips_verification(const Session& session) {
  if (session.arguments.tls_skip_verify) return true;
  const auto text = environment("LYNXDB_TLS_SKIP_VERIFY");
  if (!text) return false;
  const std::optional<bool> skip = config::parse_bool(*text);
  if (!skip)
    return Error{ErrorCode::kInvalidArgument,
                 "LYNXDB_TLS_SKIP_VERIFY is true or false, not '" + *text + "'"};
  return *skip;
}

}  // namespace

Result<ServerTarget> server_target(const Session& session) {
  ServerTarget target = TRY(named_server(session));
  std::string origin = target.origin;
  if (const auto token = environment("LYNXDB_TOKEN")) {
    target.token = *token;
    origin = "LYNXDB_TOKEN";
  }
  if (session.arguments.token) {
    target.token = *session.arguments.token;
    origin = "--token";
  }
  TRY(check_token(target.token, origin));
  return target;
}

Result<client::HttpClient::Options> client_options(const Session& session) {
  ServerTarget target = TRY(server_target(session));
  client::HttpClient::Options options;
  options.servers = std::move(target.servers);
  options.token = std::move(target.token);
  options.tls_skip_verify = TRY(skips_verification(session));
  options.user_agent = "lynxdb/" + std::string(build_info().version);
  return options;
}

}  // namespace lynxdb::cli
