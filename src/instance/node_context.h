// What every kind of instance says about itself and does when it stops.
#pragma once

#include <string>
#include <vector>

#include "config/server_config.h"
#include "instance/instance.h"
#include "instance/store_monitor.h"
#include "io/object_store.h"
#include "metadata/metadata_store.h"
#include "storage/store.h"

namespace lynxdb::instance {

// Reports of the storage engine go to the instance's log.
storage::Log storage_log(Log log);

std::string host_name();

// Retention in words, as it is shown.
StoreMonitor::Retention retention_texts(const config::ServerConfig& config);

// Takes the segments of these objects out of the manifest: a person says that their events are
// lost. Errors: kNotFound; those before it are dropped.
Result<> drop_segments(metadata::MetadataStore& metadata,
                       const std::vector<std::string>& object_keys, const Log& log);

// Flushes; uploads get `limit`, what is staged by then waits for the next start. Errors: nothing is
// lost.
Result<> flush_in_time(storage::Store& store, io::ObjectStore& objects, config::Duration limit);

}  // namespace lynxdb::instance
