// clang-format would write this otherwise.
int  twice( int x ){ return 2*x ; }
