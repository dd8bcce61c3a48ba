# Writes the numbered .sql files of FOLDER into the C file OUT as the table `migrations`.
# cmake -DFOLDER=... -DOUT=... -P embed.cmake
file(GLOB FILES ${FOLDER}/[0-9][0-9][0-9][0-9]_*.sql)
list(SORT FILES)
set(ARRAYS "")
set(ROWS "")
set(NUMBER 0)
foreach(FILE ${FILES})
	math(EXPR NUMBER "${NUMBER} + 1")
	get_filename_component(NAME ${FILE} NAME)
	string(REGEX MATCH "^0*([0-9]+)" PREFIX ${NAME})
	if(NOT CMAKE_MATCH_1 EQUAL NUMBER)
		message(FATAL_ERROR "${NAME}: migration ${NUMBER} expected, they are numbered without gaps")
	endif()
	file(READ ${FILE} HEX HEX)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," BYTES "${HEX}")
	string(APPEND ARRAYS "static const unsigned char text_${NUMBER}[] = {${BYTES}0x00};\n")
	string(APPEND ROWS "\t{${NUMBER}, \"${NAME}\", (const char *)text_${NUMBER}},\n")
endforeach()
file(WRITE ${OUT} "#include \"store/migrations.h\"\n\n${ARRAYS}
const struct migration migrations[] = {\n${ROWS}};
const int migrations_count = ${NUMBER};\n")
