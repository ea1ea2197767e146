#include "s3/profile_file.h"

#include <algorithm>
#include <utility>

namespace lynxdb::s3 {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// "[profile  x]" is "profile x"; nothing when the line is no heading.
std::optional<std::string> heading(std::string_view line) {
  if (!line.starts_with('[')) return std::nullopt;
  const std::string_view inside =
      trimmed(line.substr(1, std::min(line.find(']'), line.size()) - 1));
  constexpr std::string_view kProfile = "profile ";
  if (!inside.starts_with(kProfile)) return std::string(inside);
  return std::string(kProfile) + std::string(trimmed(inside.substr(kProfile.size())));
}

// A comment may follow a value only after a blank: "#" and ";" are also letters of secrets.
std::string_view without_comment(std::string_view value) {
  for (const std::string_view mark : {" #", " ;", "\t#", "\t;"}) {
    value = value.substr(0, value.find(mark));
  }
  return trimmed(value);
}

Result<std::string> read_if_there(io::FileSystem& file_system, const std::string& path) {
  auto text = read_small_file(file_system, path);
  if (!text && text.error().code == ErrorCode::kNotFound) return std::string();
  return text;
}

std::string path_of(const Environment& environment, const char* variable, const char* name) {
  if (auto path = environment(variable)) return *path;
  return environment("HOME").value_or("/") + "/.aws/" + name;
}

}  // namespace

std::optional<Profile> parse_profile(std::string_view text, std::string_view section) {
  std::optional<Profile> profile;
  bool inside = false;
  while (!text.empty()) {
    const std::string_view raw = next_line(text);
    const std::string_view line = trimmed(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (const auto name = heading(line)) {
      inside = *name == section;
      if (inside && !profile) profile.emplace();
      continue;
    }
    // An indented line belongs to a nested setting ("s3 =" and then its own), none of ours.
    const std::size_t equals = line.find('=');
    if (!inside || equals == std::string_view::npos || raw.front() == ' ' || raw.front() == '\t') {
      continue;
    }
    (*profile)[lower(trimmed(line.substr(0, equals)))] = without_comment(line.substr(equals + 1));
  }
  return profile;
}

Result<FoundProfile> read_profile(io::FileSystem& file_system, const Environment& environment) {
  FoundProfile found;
  const auto asked_for = environment("AWS_PROFILE");
  found.asked_for = asked_for.has_value();
  found.name = asked_for.value_or("default");
  const std::string config =
      TRY(read_if_there(file_system, path_of(environment, "AWS_CONFIG_FILE", "config")));
  const std::string credentials = TRY(read_if_there(
      file_system, path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials")));

  found.settings = parse_profile(config, "profile " + found.name);
  if (!found.settings && found.name == "default") found.settings = parse_profile(config, "default");
  if (auto secret = parse_profile(credentials, found.name)) {
    if (found.settings) secret->merge(*found.settings);
    found.settings = std::move(secret);
  }
  return found;
}

Result<std::string> read_small_file(io::FileSystem& file_system, const std::string& path) {
  constexpr std::uint64_t kBytesMax = 1U << 20U;
  const auto file = TRY(file_system.open(path, io::OpenMode::kRead));
  const std::uint64_t size = TRY(file->size());
  if (size > kBytesMax) return Error{ErrorCode::kInvalidArgument, path + " is larger than 1 MiB"};
  std::string text(static_cast<std::size_t>(size), '\0');
  text.resize(TRY(file->read_at(0, std::as_writable_bytes(std::span(text)))));
  return text;
}

}  // namespace lynxdb::s3
