// Names where only a name can stand: field lists, `by` keys, AS.
#pragma once

#include <string_view>
#include <vector>

#include "spl2/ast.h"
#include "spl2/context.h"

namespace lynxdb::spl2 {

// A name, quoted or not, or an aggregate's text. nullopt, with an error recorded, if there is none.
std::optional<FieldName> parse_field_name(Context& context, bool globs);

// Fields separated by commas (or spaces, with a hint) up to the end of the command, an option, `[`
// or the keyword `stop`. False, with an error recorded, on a mistake. May be empty.
bool parse_field_list(Context& context, bool globs, std::string_view stop,
                      std::vector<FieldName>& fields);

// The same for plain names, at least one.
bool parse_names(Context& context, std::string_view command, std::string_view stop,
                 std::vector<std::string>& names);

// `AS name`, if it is there. False, with an error recorded, if AS has no name.
bool parse_alias(Context& context, std::string& name);

// At a second `by` behind the key `last`.
Failure fail_second_by(Context& context, std::string_view last);
// The keys behind `by`.
bool parse_by_keys(Context& context, std::vector<ByKey>& keys);

}  // namespace lynxdb::spl2
