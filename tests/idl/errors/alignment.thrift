const map<string, i32> A = {"日本語": 1, "é": x, 	"tab": y}
