// What jemalloc reads when it starts. A thread of its own gives freed memory back to the system:
// the threads of an idle server never get to it.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true";
}
