// lynxdb completion: scripts for bash, zsh and fish, made from the declared commands and flags.
#include <string>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "config/setting_keys.h"
#include "output/writer.h"

namespace lynxdb::cli {
namespace {

void declare_flags(FlagSet& /*flags*/, Arguments& /*arguments*/) {}

std::string formats() {
  std::string text;
  for (const std::string_view format : output::output_format_names())
    text += (text.empty() ? "" : " ") + std::string(format);
  return text;
}

std::string command_names() {
  std::string text;
  for (const Command* command : commands())
    text += (text.empty() ? "" : " ") + std::string(command->name);
  return text;
}

std::string setting_names() {
  std::string text;
  for (const config::SettingKey& key : config::setting_keys())
    text += (text.empty() ? "" : " ") + std::string(key.name);
  return text;
}

bool takes_files(const Command& command) { return command.name == kIngestCommand.name; }

FlagSet all_flags(const Command& command, Arguments& arguments) {
  FlagSet flags;
  command.declare_flags(flags, arguments);
  declare_global_flags(flags, arguments);
  return flags;
}

std::string flag_words(const Command& command) {
  Arguments arguments;
  const FlagSet flags = all_flags(command, arguments);
  std::string text;
  for (const FlagSet::Flag& flag : flags.flags())
    if (flag.kind != FlagSet::Kind::kUnbuilt)
      text += (text.empty() ? "" : " ") + flag.names.front();
  return text;
}

std::string words_after(const Command& command) {
  if (command.name == "completion") return "bash zsh fish";
  if (command.name == "help") return command_names();
  if (command.name == "config") return "init validate get path reload " + setting_names();
  return "";
}

std::string bash_script() {
  std::string text =
      "# bash completion of lynxdb: source <(lynxdb completion bash)\n"
      "_lynxdb() {\n"
      "  COMPREPLY=()\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= i\n"
      "  case $previous in\n"
      "    -F|--format) COMPREPLY=($(compgen -W '" +
      formats() +
      "' -- \"$word\")); return ;;\n"
      "    -f|--file|-o|--output|--config) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
      "  esac\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    [[ ${COMP_WORDS[i]} == -* ]] || { command=${COMP_WORDS[i]}; break; }\n"
      "  done\n"
      "  local words='" +
      command_names() +
      "'\n"
      "  case $command in\n";
  for (const Command* command : commands()) {
    text += "    " + std::string(command->name);
    if (!command->alias.empty()) text += "|" + std::string(command->alias);
    text += ") words='" + words_after(*command) + " " + flag_words(*command) + "'";
    if (takes_files(*command)) text += "; COMPREPLY=($(compgen -f -- \"$word\"))";
    text += " ;;\n";
  }
  return text +
         "  esac\n"
         "  COMPREPLY+=($(compgen -W \"$words\" -- \"$word\"))\n"
         "}\n"
         "complete -o default -F _lynxdb lynxdb\n";
}

// Inside single quotes of a shell script.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':')
      out += std::string("\\") + c;  // Special in zsh's specifications.
    else
      out += c;
  }
  return out;
}

std::string zsh_flag(const FlagSet::Flag& flag) {
  const std::string& name = flag.names.front();
  std::string text = "'";
  if (flag.kind == FlagSet::Kind::kList) text += "*";
  text += name + "[" + escaped(flag.help) + "]";
  if (flag.kind == FlagSet::Kind::kValue || flag.kind == FlagSet::Kind::kList) {
    text += ":" + escaped(flag.placeholder) + ":";
    if (name == "--format") text += "(" + formats() + ")";
    if (name == "--file" || name == "--output" || name == "--config") text += "_files";
  }
  return text + "'";
}

std::string zsh_script() {
  std::string text =
      "#compdef lynxdb\n"
      "# zsh completion of lynxdb: lynxdb completion zsh > \"${fpath[1]}/_lynxdb\"\n"
      "_lynxdb() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const Command* command : commands())
    text += "    '" + std::string(command->name) + ":" + escaped(command->summary) + "'\n";
  text +=
      "  )\n"
      "  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
      "  local command=$words[2]\n"
      "  shift words; (( CURRENT-- ))\n"
      "  case $command in\n";
  for (const Command* command : commands()) {
    text += "    " + std::string(command->name);
    if (!command->alias.empty()) text += "|" + std::string(command->alias);
    text += ") _arguments";
    Arguments arguments;
    const FlagSet flags = all_flags(*command, arguments);
    for (const FlagSet::Flag& flag : flags.flags())
      if (flag.kind != FlagSet::Kind::kUnbuilt) text += " " + zsh_flag(flag);
    if (const std::string words = words_after(*command); !words.empty())
      text += " '1:word:(" + words + ")'";
    if (takes_files(*command)) text += " '*:file:_files'";
    text += " ;;\n";
  }
  return text +
         "  esac\n"
         "}\n"
         "if [ \"$funcstack[1]\" = _lynxdb ]; then _lynxdb; else compdef _lynxdb lynxdb; fi\n";
}

std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_flag(const Command& command, const FlagSet::Flag& flag) {
  std::string text = "complete -c lynxdb -n '__fish_seen_subcommand_from " +
                     std::string(command.name) +
                     (command.alias.empty() ? "" : " " + std::string(command.alias)) + "'";
  for (const std::string& name : flag.names)
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (flag.kind == FlagSet::Kind::kValue || flag.kind == FlagSet::Kind::kList) {
    const std::string& name = flag.names.front();
    if (name == "--format")
      text += " -x -a '" + formats() + "'";
    else
      text += name == "--file" || name == "--output" || name == "--config" ? " -r -F" : " -x";
  }
  return text + " -d " + fish_quoted(flag.help) + "\n";
}

std::string fish_script() {
  std::string text = "# fish completion of lynxdb: lynxdb completion fish | source\n";
  for (const Command* command : commands())
    text += "complete -c lynxdb -n __fish_use_subcommand -f -a " + std::string(command->name) +
            " -d " + fish_quoted(command->summary) + "\n";
  for (const Command* command : commands()) {
    Arguments arguments;
    const FlagSet flags = all_flags(*command, arguments);
    for (const FlagSet::Flag& flag : flags.flags())
      if (flag.kind != FlagSet::Kind::kUnbuilt) text += fish_flag(*command, flag);
    if (const std::string words = words_after(*command); !words.empty())
      text += "complete -c lynxdb -n '__fish_seen_subcommand_from " + std::string(command->name) +
              "' -f -a '" + words + "'\n";
  }
  return text;
}

int run(const Session& session) {
  const std::vector<std::string>& words = session.arguments.positionals;
  if (words.size() != 1)
    return wrong_arguments(session, kCompletionCommand, "completion takes the name of one shell");
  const std::string& shell = words.front();
  std::string script;
  if (shell == "bash") {
    script = bash_script();
  } else if (shell == "zsh") {
    script = zsh_script();
  } else if (shell == "fish") {
    script = fish_script();
  } else {
    const bool later = shell == "powershell";
    return wrong_arguments(session, kCompletionCommand,
                           later ? "completion for powershell is not part of this build"
                                 : "no completion for '" + shell + "'");
  }
  return print_data(session.console, script) ? kExitOk : kExitFailure;
}

}  // namespace

const Command kCompletionCommand = {
    "completion", "",   "bash|zsh|fish", "print a completion script for a shell", declare_flags,
    run,          false};

}  // namespace lynxdb::cli
