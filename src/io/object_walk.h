// Lists the files below a directory as objects, in the order of their keys.
#pragma once

#include <string>
#include <string_view>

#include "io/object_store.h"

namespace lynxdb::io {

// As ObjectStore::list. Names that begin with a dot are no objects. Files that come or go meanwhile
// may be seen or not. Errors: kIo.
Result<ObjectPage> walk_objects(FileSystem& file_system, const std::string& directory,
                                std::string_view prefix, std::string_view after, std::size_t limit);

}  // namespace lynxdb::io
