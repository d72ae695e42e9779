service Base {}

service A extends Bsae {}
